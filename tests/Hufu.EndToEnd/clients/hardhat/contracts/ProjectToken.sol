// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that the Hardhat project deploys.
/// @dev Invariant: the supply never changes.
contract ProjectToken is ERC20 {
    constructor() ERC20("Project Token", "PROJ") {
        _mint(msg.sender, 1_000 ether);
    }
}
