// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Administrators} from "./Administrators.sol";

/// @notice Which accounts may send transactions, and which of them may put code on the chain (Enterprise Ethereum specification, account permissioning).
/// @dev Invariant: an administrator may always send, so that a list can never lock everybody out. Every node asks `transactionAllowed` about every transaction, on the
/// state of the parent block, and refuses a block that holds one that is not allowed.
contract AccountPermissions is Administrators {
    enum Permission {
        None,
        Send,
        SendAndDeploy
    }

    event AccountPermissionsUpdated(bool addsRestrictions);
    event PermissionSet(address indexed account, Permission permission, address indexed by);

    mapping(address account => Permission) public permissionOf;

    constructor(address[] memory administrators) Administrators(administrators) {}

    /// @notice Whether a transaction may be part of a block.
    /// @param target The zero address where it makes a contract.
    function transactionAllowed(address sender, address target, uint256, uint256, uint256, bytes calldata) external view returns (bool) {
        if (isAdministrator(sender)) return true;
        return permissionOf[sender] >= (target == address(0) ? Permission.SendAndDeploy : Permission.Send);
    }

    function setPermission(address account, Permission permission) external onlyAdministrator {
        _set(account, permission);
    }

    function setPermissions(address[] calldata accounts, Permission permission) external onlyAdministrator {
        for (uint256 i = 0; i < accounts.length; i++) _set(accounts[i], permission);
    }

    function _set(address account, Permission permission) private {
        bool restricts = permission < permissionOf[account];
        permissionOf[account] = permission;
        emit PermissionSet(account, permission, msg.sender);
        emit AccountPermissionsUpdated(restricts);
    }
}
