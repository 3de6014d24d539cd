// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @notice Numbered pieces that only the owner mints.
/// @dev Invariant: an id, once minted, is never minted again.
contract TestCollectible is ERC721, Ownable {
    uint256 private _next = 1;

    constructor() ERC721("Test Collectible", "PIECE") Ownable(msg.sender) {}

    function mint(address to) external onlyOwner returns (uint256 id) {
        id = _next++;
        _safeMint(to, id);
    }
}
