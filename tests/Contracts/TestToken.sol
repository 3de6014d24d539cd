// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A token whose whole supply goes to whoever deploys it.
/// @dev Invariant: the supply never changes.
contract TestToken is ERC20, ERC20Permit {
    constructor(uint256 supply) ERC20("Test Token", "TEST") ERC20Permit("Test Token") {
        _mint(msg.sender, supply);
    }
}
