// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @notice Who may do what, for all services in one table: OpenZeppelin's AccessManager as it is.
contract Access is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}
