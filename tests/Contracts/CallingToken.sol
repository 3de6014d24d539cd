// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A hostile token: during a transfer it calls whatever it was told to, once, and remembers whether that worked.
contract CallingToken is ERC20 {
    address internal _target;
    bytes internal _call;
    bool public called;
    bool public succeeded;

    constructor(uint256 supply) ERC20("Calling Token", "CALL") {
        _mint(msg.sender, supply);
    }

    function onNextTransfer(address target, bytes calldata call_) external {
        (_target, _call, called, succeeded) = (target, call_, false, false);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        called = true;
        (succeeded,) = target.call(_call);
    }
}
