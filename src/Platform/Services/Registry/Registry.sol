// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @notice Which contract bears which name for the services, and which one bore it before: a deployment is on the ledger itself.
/// @dev Invariants: a name's version only ever grows by one, and always names code that was there when it was registered; nothing is ever removed.
contract Registry is AccessManaged {
    struct Entry {
        bytes32 name;
        address at;
    }

    /// @notice There is no code at `at`.
    error NoContract(bytes32 name, address at);
    error NoName(address at);

    event ContractRegistered(bytes32 indexed name, address indexed at, uint64 version, bytes32 codeHash);

    mapping(bytes32 name => address) public addressOf;
    mapping(bytes32 name => uint64) public versionOf;
    bytes32[] internal _names;

    constructor(address authority) AccessManaged(authority) {}

    /// @notice Gives names to contracts. A name that another contract bears passes on to the new one.
    function register(Entry[] calldata entries) external restricted {
        for (uint256 i = 0; i < entries.length; i++) {
            (bytes32 name, address at) = (entries[i].name, entries[i].at);
            if (name == 0) revert NoName(at);
            if (at.code.length == 0) revert NoContract(name, at);

            uint64 version = ++versionOf[name];
            if (version == 1) _names.push(name);
            addressOf[name] = at;
            emit ContractRegistered(name, at, version, at.codehash);
        }
    }

    /// @notice Every name with the contract that bears it now.
    function all() external view returns (Entry[] memory entries) {
        entries = new Entry[](_names.length);
        for (uint256 i = 0; i < _names.length; i++) entries[i] = Entry(_names[i], addressOf[_names[i]]);
    }
}
