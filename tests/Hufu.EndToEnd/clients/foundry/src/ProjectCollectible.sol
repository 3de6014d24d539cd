// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice Pieces that the Foundry project deploys.
/// @dev Invariant: ids count up from one.
contract ProjectCollectible is ERC721 {
    uint256 public minted;

    constructor() ERC721("Project Collectible", "PIECE") {}

    function mint(address to) external returns (uint256 id) {
        id = ++minted;
        _mint(to, id);
    }
}
