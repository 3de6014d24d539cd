// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice Holds a payer's tokens until a condition releases them to the payee, or returns them.
/// @dev Invariants: for each token, this contract's balance is never less than the sum of what open deals hold; for each deal, what went in is what was
/// released, what was refunded and what is still held. An arbiter can only split what is held between the two.
contract Escrow is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    type DealId is uint256;

    /// @param arbiter May split the held amount when the two disagree; zero for none.
    /// @param secretHash Keccak-256 of a secret that releases the whole amount, whoever shows it; zero for none.
    /// @param deadline Seconds since 1970. From then on what is held may go back to the payer, unless the deal is disputed.
    /// @param held What neither side has received yet; zero once the deal is closed.
    struct Deal {
        IERC20 token;
        address payer;
        address payee;
        address arbiter;
        bytes32 secretHash;
        uint64 deadline;
        bool isDisputed;
        uint256 held;
    }

    /// @notice The caller has no part in an open deal `id` that would let it do this.
    error NotForYou(DealId id, address caller);
    error NotOpen(DealId id);
    error NotYetDue(DealId id, uint64 deadline);
    error InDispute(DealId id);
    error NotInDispute(DealId id);
    error WrongSecret(DealId id);
    error NoPayee();
    error NoAmount();
    error AlreadyPast(uint64 deadline);
    error MoreThanHeld(DealId id, uint256 held, uint256 asked);
    error NotReceivedInFull(uint256 amount, uint256 received);

    event DealOpened(DealId indexed id, address indexed payer, address indexed payee, IERC20 token, uint256 amount, address arbiter, bytes32 secretHash, uint64 deadline);
    event EscrowReleased(DealId indexed id, uint256 amount, uint256 stillHeld);
    event EscrowRefunded(DealId indexed id, uint256 amount, uint256 stillHeld);
    event DisputeRaised(DealId indexed id, address indexed by, bytes32 evidence);
    event DisputeSettled(DealId indexed id, uint256 toPayee, uint256 toPayer);

    Deal[] internal _deals;

    /// @notice A deal by its number; they are counted from zero.
    function deal(DealId id) external view returns (Deal memory) {
        return _deals[DealId.unwrap(id)];
    }

    function dealCount() external view returns (uint256) {
        return _deals.length;
    }

    /// @notice Takes the amount from the caller, who approved it before.
    function open(IERC20 token, address payee, uint256 amount, address arbiter, bytes32 secretHash, uint64 deadline) external nonReentrant returns (DealId id) {
        if (payee == address(0) || payee == address(this)) revert NoPayee();
        if (amount == 0) revert NoAmount();
        if (deadline <= block.timestamp) revert AlreadyPast(deadline);

        id = DealId.wrap(_deals.length);
        _deals.push(Deal(token, msg.sender, payee, arbiter, secretHash, deadline, false, amount));
        emit DealOpened(id, msg.sender, payee, token, amount, arbiter, secretHash, deadline);

        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert NotReceivedInFull(amount, received);
    }

    /// @notice The payer lets the payee have some or all of what is held, milestone by milestone if they like.
    function release(DealId id, uint256 amount) external nonReentrant {
        Deal storage open_ = _open(id);
        if (msg.sender != open_.payer) revert NotForYou(id, msg.sender);
        _release(id, open_, amount);
    }

    /// @notice Releases all that is held to the payee, for the secret. Anyone may send it in.
    function releaseWithSecret(DealId id, bytes calldata secret) external nonReentrant {
        Deal storage open_ = _open(id);
        if (open_.secretHash == 0 || keccak256(secret) != open_.secretHash) revert WrongSecret(id);
        if (open_.isDisputed) revert InDispute(id);
        _release(id, open_, open_.held);
    }

    /// @notice From the deadline on anybody may return what is held to the payer, unless the deal is disputed: the ledger itself does where it runs jobs.
    function refundExpired(DealId id) external nonReentrant {
        Deal storage open_ = _open(id);
        if (open_.isDisputed) revert InDispute(id);
        if (block.timestamp < open_.deadline) revert NotYetDue(id, open_.deadline);

        _refund(id, open_, open_.held);
    }

    /// @notice Returns what is held to the payer: by the payee at any time, by the payer from the deadline on.
    function refund(DealId id) external nonReentrant {
        Deal storage open_ = _open(id);
        if (msg.sender != open_.payee) {
            if (msg.sender != open_.payer) revert NotForYou(id, msg.sender);
            if (open_.isDisputed) revert InDispute(id);
            if (block.timestamp < open_.deadline) revert NotYetDue(id, open_.deadline);
        }
        _refund(id, open_, open_.held);
    }

    /// @notice Either side stops the clock and calls the arbiter, before the deadline.
    /// @param evidence The hash of what the caller shows.
    function dispute(DealId id, bytes32 evidence) external {
        Deal storage open_ = _open(id);
        if (open_.arbiter == address(0) || (msg.sender != open_.payer && msg.sender != open_.payee)) revert NotForYou(id, msg.sender);
        if (open_.isDisputed) revert InDispute(id);
        if (block.timestamp >= open_.deadline) revert AlreadyPast(open_.deadline);

        open_.isDisputed = true;
        emit DisputeRaised(id, msg.sender, evidence);
    }

    /// @notice The arbiter splits what is held: `toPayee` to the payee, the rest back to the payer.
    function arbitrate(DealId id, uint256 toPayee) external nonReentrant {
        Deal storage open_ = _open(id);
        if (msg.sender != open_.arbiter) revert NotForYou(id, msg.sender);
        if (!open_.isDisputed) revert NotInDispute(id);
        uint256 held = open_.held;
        if (toPayee > held) revert MoreThanHeld(id, held, toPayee);

        emit DisputeSettled(id, toPayee, held - toPayee);
        if (toPayee > 0) _release(id, open_, toPayee);
        if (held > toPayee) _refund(id, open_, held - toPayee);
    }

    function _open(DealId id) internal view returns (Deal storage open_) {
        uint256 index = DealId.unwrap(id);
        if (index >= _deals.length || _deals[index].held == 0) revert NotOpen(id);
        return _deals[index];
    }

    function _release(DealId id, Deal storage open_, uint256 amount) internal {
        _take(id, open_, amount);
        emit EscrowReleased(id, amount, open_.held);
        open_.token.safeTransfer(open_.payee, amount);
    }

    function _refund(DealId id, Deal storage open_, uint256 amount) internal {
        _take(id, open_, amount);
        emit EscrowRefunded(id, amount, open_.held);
        open_.token.safeTransfer(open_.payer, amount);
    }

    function _take(DealId id, Deal storage open_, uint256 amount) internal {
        if (amount == 0) revert NoAmount();
        uint256 held = open_.held;
        if (amount > held) revert MoreThanHeld(id, held, amount);
        open_.held = held - amount;
    }
}
