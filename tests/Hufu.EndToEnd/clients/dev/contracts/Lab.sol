// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {console} from "hardhat/console.sol";

/// Everything that a test framework wants to see: values, times, fees, randomness, events, and every way to fail.
contract Lab {
    error Refused(address who, uint256 wanted);
    error Plain();

    event Stored(address indexed by, uint256 value);

    uint256 public value;
    mapping(address => uint256) public balances;

    constructor(uint256 first) payable {
        value = first;
    }

    receive() external payable {}

    function store(uint256 next) external {
        value = next;
        balances[msg.sender] += next;
        emit Stored(msg.sender, next);
    }

    function say(string calldata what) external {
        console.log("%s is worth %d", what, value);
        console.log(msg.sender, true);
        value++;
    }

    function whisper() external view returns (uint256) {
        console.log("nobody hears", value);
        return value;
    }

    function failWithReason() external {
        value++;
        revert("the reason");
    }

    function failWithCustom(uint256 wanted) external {
        value++;
        revert Refused(msg.sender, wanted);
    }

    function failPlain() external {
        value++;
        revert Plain();
    }

    function failSilently() external {
        value++;
        revert();
    }

    function assertFalse() external {
        value++;
        assert(false);
    }

    function divide(uint256 by) external {
        value /= by;
    }

    function overflow() external {
        value += type(uint256).max;
    }

    function outOfBounds(uint256 at) external {
        uint256[] memory few = new uint256[](2);
        value = few[at];
    }

    function spin() external {
        while (true) value++;
    }

    function environment() external view returns (uint256 number, uint256 time, uint256 baseFee, uint256 randomness, address coinbase, uint256 gasLimit) {
        return (block.number, block.timestamp, block.basefee, block.prevrandao, block.coinbase, block.gaslimit);
    }
}

/// Can only be called by whoever made it.
contract Owned {
    address public immutable owner = msg.sender;
    uint256 public calls;

    modifier onlyOwner() {
        require(msg.sender == owner, "not the owner");
        _;
    }

    function call() external onlyOwner {
        calls++;
    }
}

contract Maker {
    Owned public immutable made = new Owned();
}
