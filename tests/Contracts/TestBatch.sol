// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Code for an account to delegate to (EIP-7702): the account calls several others in one transaction.
/// @dev Invariant: only the account itself commands it.
contract TestBatch {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    /// @notice `caller` is not the account that this code runs for.
    error NotTheAccount(address caller);

    /// @notice Call number `index` failed with `reason`.
    error CallFailed(uint256 index, bytes reason);

    event Executed(uint256 calls);

    receive() external payable {}

    function execute(Call[] calldata calls) external payable {
        if (msg.sender != address(this)) revert NotTheAccount(msg.sender);

        emit Executed(calls.length);

        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory reason) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!ok) revert CallFailed(i, reason);
        }
    }
}
