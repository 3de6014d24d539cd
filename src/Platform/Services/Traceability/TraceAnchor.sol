// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice Where a supply chain's events are anchored: Merkle roots of EPCIS event hashes (CBV 2.0), hand-overs that both sides signed, and recalls.
/// No business data is on the ledger, only hashes.
/// @dev Invariants: what an organisation anchored never changes and is never removed; its anchors only ever get later; a hand-over carries the signatures
/// of giver and receiver over the same words, and happens once; a recall can be closed by the one who called it, and by nobody else.
contract TraceAnchor is EIP712 {
    /// @param root Merkle root of the events' salted hashes, leaves sorted pairwise as OpenZeppelin's MerkleProof has them.
    struct Anchor {
        bytes32 root;
        uint64 anchoredAt;
        uint32 events;
    }

    /// @param eventHash The CBV hash of the EPCIS event that describes it.
    /// @param deadline Seconds since 1970; the signatures are good until then.
    struct HandOver {
        address giver;
        address receiver;
        bytes32 eventHash;
        uint64 deadline;
    }

    error NoRoot();
    error NoEvents();
    error NoSuchAnchor(address organisation, uint256 index);
    error SignatureExpired(uint64 deadline);
    error NotSignedBy(address account);
    error AlreadyHandedOver(bytes32 id);
    error AlreadyRecalled(bytes32 recall);
    error NoOpenRecall(bytes32 recall, address caller);

    /// @param day Days since 1970 in UTC, as the organisation counts its events.
    event EventsAnchored(address indexed organisation, uint256 indexed index, uint32 indexed day, bytes32 root, uint32 events);
    event HandedOver(bytes32 indexed id, address indexed giver, address indexed receiver, bytes32 eventHash);
    /// @param lots Merkle root of the hashes of the lots recalled.
    event RecallCalled(bytes32 indexed recall, address indexed organisation, bytes32 lots, bool isDrill);
    event RecallClosed(bytes32 indexed recall, address indexed organisation, bytes32 report);

    bytes32 public constant HAND_OVER_TYPEHASH = keccak256("HandOver(address giver,address receiver,bytes32 eventHash,uint64 deadline)");

    mapping(address organisation => Anchor[]) internal _anchors;
    mapping(bytes32 id => uint64) public handedOverAt;
    mapping(bytes32 recall => address) public recalledBy;
    mapping(bytes32 recall => bool) public isClosed;

    constructor() EIP712("Hufu Trace", "1") {}

    function anchorCount(address organisation) external view returns (uint256) {
        return _anchors[organisation].length;
    }

    function anchorOf(address organisation, uint256 index) public view returns (Anchor memory) {
        if (index >= _anchors[organisation].length) revert NoSuchAnchor(organisation, index);
        return _anchors[organisation][index];
    }

    /// @notice Whether an event's salted hash is under an anchor, and since when.
    function isAnchored(address organisation, uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool, uint64 since) {
        Anchor memory anchor_ = anchorOf(organisation, index);
        return (MerkleProof.verifyCalldata(proof, anchor_.root, leaf), anchor_.anchoredAt);
    }

    /// @notice Anchors a batch of the caller's events.
    function anchor(uint32 day, bytes32 root, uint32 events) external returns (uint256 index) {
        if (root == 0) revert NoRoot();
        if (events == 0) revert NoEvents();

        index = _anchors[msg.sender].length;
        _anchors[msg.sender].push(Anchor(root, uint64(block.timestamp), events));
        emit EventsAnchored(msg.sender, index, day, root, events);
    }

    /// @notice Records that goods changed hands, as both sides signed it (EIP-712, ERC-1271). Anyone may send it in.
    function handOver(HandOver calldata handOver_, bytes calldata giverSignature, bytes calldata receiverSignature) external returns (bytes32 id) {
        if (block.timestamp > handOver_.deadline) revert SignatureExpired(handOver_.deadline);
        id = _hashTypedDataV4(keccak256(abi.encode(HAND_OVER_TYPEHASH, handOver_.giver, handOver_.receiver, handOver_.eventHash, handOver_.deadline)));
        if (handedOverAt[id] != 0) revert AlreadyHandedOver(id);
        if (!SignatureChecker.isValidSignatureNow(handOver_.giver, id, giverSignature)) revert NotSignedBy(handOver_.giver);
        if (!SignatureChecker.isValidSignatureNow(handOver_.receiver, id, receiverSignature)) revert NotSignedBy(handOver_.receiver);

        handedOverAt[id] = uint64(block.timestamp);
        emit HandedOver(id, handOver_.giver, handOver_.receiver, handOver_.eventHash);
    }

    /// @notice Calls lots back, for real or as a drill; the clock is the block's.
    function recall(bytes32 recall_, bytes32 lots, bool isDrill) external {
        if (lots == 0) revert NoRoot();
        if (recalledBy[recall_] != address(0)) revert AlreadyRecalled(recall_);

        recalledBy[recall_] = msg.sender;
        emit RecallCalled(recall_, msg.sender, lots, isDrill);
    }

    /// @param report Keccak-256 of the report of what was found.
    function closeRecall(bytes32 recall_, bytes32 report) external {
        if (recalledBy[recall_] != msg.sender || isClosed[recall_]) revert NoOpenRecall(recall_, msg.sender);

        isClosed[recall_] = true;
        emit RecallClosed(recall_, msg.sender, report);
    }
}
