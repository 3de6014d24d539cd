// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Administrators} from "./Administrators.sol";

/// @notice Which nodes may connect (Enterprise Ethereum specification, node permissioning).
/// @dev Invariant: `nodes` lists each allowed node once. A node is its public key, 128 hexadecimal digits in lower case; where it is plays no part, because addresses move
/// and keys do not.
contract NodePermissions is Administrators {
    event NodePermissionsUpdated(bool addsRestrictions);
    event NodeAdded(string enodeId, address indexed by);
    event NodeRemoved(string enodeId, address indexed by);

    /// @notice A node's key has 128 hexadecimal digits, in lower case, without 0x.
    error NotANode(string enodeId);

    /// @notice The node is allowed already, or was not.
    error NothingToChange(string enodeId);

    string[] private _nodes;

    /// @dev Where a node stands in the list, from 1; 0 for one that is not allowed.
    mapping(bytes32 key => uint256 place) private _places;

    constructor(address[] memory administrators, string[] memory nodes_) Administrators(administrators) {
        for (uint256 i = 0; i < nodes_.length; i++) _addNode(nodes_[i]);
    }

    /// @notice Whether a node may connect.
    function connectionAllowed(string calldata enodeId, string calldata, uint16) external view returns (bool) {
        return _places[keccak256(bytes(enodeId))] != 0;
    }

    function nodes() external view returns (string[] memory) {
        return _nodes;
    }

    function addNode(string calldata enodeId) external onlyAdministrator {
        _addNode(enodeId);
        emit NodePermissionsUpdated(false);
    }

    function removeNode(string calldata enodeId) external onlyAdministrator {
        bytes32 key = keccak256(bytes(enodeId));
        uint256 place = _places[key];
        if (place == 0) revert NothingToChange(enodeId);

        string memory last = _nodes[_nodes.length - 1];
        _nodes[place - 1] = last;
        _places[keccak256(bytes(last))] = place;
        _places[key] = 0;
        _nodes.pop();
        emit NodeRemoved(enodeId, msg.sender);
        emit NodePermissionsUpdated(true);
    }

    function _addNode(string memory enodeId) private {
        bytes memory digits = bytes(enodeId);
        if (digits.length != 128) revert NotANode(enodeId);
        for (uint256 i = 0; i < digits.length; i++) {
            if ((digits[i] < "0" || digits[i] > "9") && (digits[i] < "a" || digits[i] > "f")) revert NotANode(enodeId);
        }
        bytes32 key = keccak256(digits);
        if (_places[key] != 0) revert NothingToChange(enodeId);
        _nodes.push(enodeId);
        _places[key] = _nodes.length;
        emit NodeAdded(enodeId, msg.sender);
    }
}
