// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

interface Vm {
    function envAddress(string calldata) external returns (address);
    function envString(string calldata) external returns (string memory);
    function prank(address) external;
    function deal(address, uint256) external;
    function warp(uint256) external;
    function roll(uint256) external;
    function expectRevert(bytes calldata) external;
    function createSelectFork(string calldata, uint256) external returns (uint256);
    function createFork(string calldata) external returns (uint256);
    function selectFork(uint256) external;
    function rollFork(uint256) external;
    function snapshotState() external returns (uint256);
    function revertToState(uint256) external returns (bool);
    function load(address, bytes32) external returns (bytes32);
    function store(address, bytes32, bytes32) external;
    function rpc(string calldata, string calldata) external returns (bytes memory);
    function getNonce(address) external returns (uint64);
    function makePersistent(address) external;
}

/// What Foundry's own tests ask of the chain that they fork: `forge test --fork-url`, with TOKEN, OWNER and URL in the environment.
contract ForkTest {
    Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    ERC20 token;
    address owner;

    function setUp() public {
        token = ERC20(vm.envAddress("TOKEN"));
        owner = vm.envAddress("OWNER");
    }

    function testReadsTheOtherChain() public view {
        require(token.totalSupply() == 1e30 && token.balanceOf(owner) == 1e30 - 5 ether, "supply");
        require(keccak256(bytes(token.symbol())) == keccak256("A"), "symbol");
    }
    function testPrankMovesTokens() public {
        vm.prank(owner);
        token.transfer(address(0xbeef), 7);
        require(token.balanceOf(address(0xbeef)) == 7, "moved");
    }
    function testCustomErrorOfTheOtherChain() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(this), 0, 1));
        token.transfer(address(1), 1);
    }
    function testTimeAndBlocks() public {
        uint256 n = block.number;
        vm.roll(n + 100);
        vm.warp(block.timestamp + 1 days);
        require(block.number == n + 100, "rolled");
    }
    function testBlockHashes() public view {
        require(blockhash(block.number - 1) != bytes32(0), "hash");
    }
    function testDealAndSnapshot() public {
        uint256 id = vm.snapshotState();
        vm.deal(address(5), 3 ether);
        require(address(5).balance == 3 ether, "dealt");
        vm.revertToState(id);
        require(address(5).balance != 3 ether, "back");
    }
    function testStorageOfTheOtherChain() public {
        require(vm.load(address(token), bytes32(uint256(2))) == bytes32(uint256(1e30)), "slot");
        vm.store(address(token), bytes32(uint256(2)), bytes32(uint256(9)));
        require(token.totalSupply() == 9, "stored");
    }
    function testForkAtAnEarlierBlock() public {
        vm.createSelectFork(vm.envString("URL"), 1);
        require(token.balanceOf(owner) == 1e30, "before the transfer");
        vm.rollFork(2);
        require(token.balanceOf(owner) == 1e30 - 5 ether, "after");
    }
    function testTwoForks() public {
        uint256 a = vm.createFork(vm.envString("URL"));
        uint256 b = vm.createFork(vm.envString("URL"));
        vm.selectFork(a);
        vm.prank(owner);
        token.transfer(address(9), 1);
        vm.selectFork(b);
        require(token.balanceOf(address(9)) == 0, "apart");
    }
    function testRpc() public {
        require(keccak256(vm.rpc("eth_chainId", "[]")) == keccak256(hex"7a69"), "chain");
        require(vm.getNonce(owner) >= 2, "nonce");
    }
    function testFuzzTransfers(address to, uint96 amount) public {
        if (to == address(0) || to == owner) return;
        uint256 before = token.balanceOf(to);
        vm.prank(owner);
        token.transfer(to, amount);
        require(token.balanceOf(to) == before + amount, "sum");
    }
}
