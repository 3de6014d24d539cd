// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Who may change a rule of the network: administrators, of whom each may name others and none is ever the last to leave.
/// @dev Invariant: there is at least one administrator, and `administrators` lists each of them once.
abstract contract Administrators {
    event AdministratorAdded(address indexed account, address indexed by);
    event AdministratorRemoved(address indexed account, address indexed by);

    /// @notice `account` is no administrator.
    error NotAdministrator(address account);

    /// @notice `account` is an administrator already.
    error AlreadyAdministrator(address account);

    /// @notice Nobody would be left to change anything.
    error LastAdministrator();

    address[] private _administrators;

    /// @dev Where an administrator stands in the list, from 1; 0 for everybody else.
    mapping(address account => uint256 place) private _places;

    modifier onlyAdministrator() {
        if (_places[msg.sender] == 0) revert NotAdministrator(msg.sender);
        _;
    }

    constructor(address[] memory first) {
        if (first.length == 0) revert LastAdministrator();
        for (uint256 i = 0; i < first.length; i++) _add(first[i]);
    }

    function isAdministrator(address account) public view returns (bool) {
        return _places[account] != 0;
    }

    function administrators() external view returns (address[] memory) {
        return _administrators;
    }

    function addAdministrator(address account) external onlyAdministrator {
        _add(account);
    }

    function removeAdministrator(address account) external onlyAdministrator {
        uint256 place = _places[account];
        if (place == 0) revert NotAdministrator(account);
        uint256 count = _administrators.length;
        if (count == 1) revert LastAdministrator();

        address last = _administrators[count - 1];
        _administrators[place - 1] = last;
        _places[last] = place;
        _places[account] = 0;
        _administrators.pop();
        emit AdministratorRemoved(account, msg.sender);
    }

    function _add(address account) private {
        if (_places[account] != 0) revert AlreadyAdministrator(account);
        _administrators.push(account);
        _places[account] = _administrators.length;
        emit AdministratorAdded(account, msg.sender);
    }
}
