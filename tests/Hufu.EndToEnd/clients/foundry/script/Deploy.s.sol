// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ProjectCollectible} from "../src/ProjectCollectible.sol";

/// @dev The part of Foundry's cheat codes that this script uses.
interface Vm {
    function deriveKey(string calldata mnemonic, uint32 index) external pure returns (uint256 key);
    function addr(uint256 key) external pure returns (address account);
    function startBroadcast(uint256 key) external;
    function stopBroadcast() external;
}

contract Deploy {
    // Foundry recognises a script by this flag.
    bool public constant IS_SCRIPT = true;

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        uint256 key = vm.deriveKey("test test test test test test test test test test test junk", 0);
        vm.startBroadcast(key);
        ProjectCollectible pieces = new ProjectCollectible();
        pieces.mint(vm.addr(key));
        vm.stopBroadcast();
        require(pieces.ownerOf(1) == vm.addr(key), "the first piece belongs to the deployer");
    }
}
