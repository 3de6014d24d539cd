// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What jobs call in tests: something that counts, and everything that a job could do to those after it.
contract JobTarget {
    mapping(uint256 id => uint256) public runs;

    receive() external payable {}

    function count(uint256 id) external {
        runs[id]++;
    }

    function fail(uint256) external pure {
        revert("no");
    }

    /// @notice Uses all the gas there is.
    function eat(uint256) external pure {
        while (true) {}
    }

    /// @notice Answers more than anybody would want to read.
    function flood(uint256) external pure {
        assembly ("memory-safe") {
            return(0, 30000)
        }
    }

    /// @notice Calls back in, whatever comes of it; counts where that worked.
    function call(uint256 id, address to, bytes calldata data) external payable {
        (bool succeeded, ) = to.call{value: msg.value}(data);
        if (succeeded) runs[id]++;
    }
}
