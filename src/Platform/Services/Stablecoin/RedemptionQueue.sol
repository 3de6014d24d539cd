// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Stablecoin} from "./Stablecoin.sol";

/// @notice Redeems tokens at par, against the clock: a holder hands in tokens, the issuer pays the bank account and only then burns them.
/// @dev Invariants: this contract's balance is never less than the sum of open requests; a request ends once, paid (and burnt) or returned; the holder may
/// take an overdue one back, and the world sees how many there are and since when.
contract RedemptionQueue is AccessManaged {
    using SafeERC20 for IERC20;

    /// @param account Keccak-256 of the bank account and a salt; the account itself stays off the ledger.
    /// @param dueBy Seconds since 1970.
    /// @param isNoted Whether the ledger has told that the issuer is late.
    struct Request {
        address holder;
        uint256 amount;
        bytes32 account;
        uint64 dueBy;
        bool isNoted;
    }

    error NotOpen(uint256 id);
    error NotYours(uint256 id, address caller);
    error NotOverdue(uint256 id, uint64 dueBy);
    error NoAmount();
    error NoTerm();

    event RedemptionRequested(uint256 indexed id, address indexed holder, uint256 amount, bytes32 account, uint64 dueBy);
    /// @param payment Keccak-256 of the payment's message (pacs.008, or the bank's advice).
    event RedemptionPaid(uint256 indexed id, bytes32 indexed payment, bool late);
    event RedemptionOverdue(uint256 indexed id, address indexed holder, uint256 amount, uint64 dueBy);
    event RedemptionReturned(uint256 indexed id, bytes32 reason);
    event TermSet(uint64 term);

    Stablecoin public immutable token;
    /// @notice How long the issuer has, in seconds.
    uint64 public term;
    uint256 public requestCount;
    uint256 public openAmount;

    mapping(uint256 id => Request) public requests;

    constructor(address authority, Stablecoin token_, uint64 term_) AccessManaged(authority) {
        token = token_;
        _setTerm(term_);
    }

    /// @notice Hands in tokens, which the holder approved before.
    function request(uint256 amount, bytes32 account) external returns (uint256 id) {
        if (amount == 0) revert NoAmount();

        id = ++requestCount;
        uint64 dueBy = uint64(block.timestamp) + term;
        requests[id] = Request(msg.sender, amount, account, dueBy, false);
        openAmount += amount;
        emit RedemptionRequested(id, msg.sender, amount, account, dueBy);

        IERC20(address(token)).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice The issuer has paid the bank account: the tokens are burnt.
    function settle(uint256 id, bytes32 payment) external restricted {
        Request memory open = _close(id);
        emit RedemptionPaid(id, payment, block.timestamp > open.dueBy);
        token.burn(open.amount);
    }

    /// @notice The issuer cannot pay (the bank refused the account): the tokens go back.
    function giveBack(uint256 id, bytes32 reason) external restricted {
        Request memory open = _close(id);
        emit RedemptionReturned(id, reason);
        IERC20(address(token)).safeTransfer(open.holder, open.amount);
    }

    /// @notice Puts on record, once, that a request was not met in time. Anybody may call it: the ledger itself does where it runs jobs.
    function noteOverdue(uint256 id) external {
        Request storage open = requests[id];
        if (open.holder == address(0) || open.isNoted) revert NotOpen(id);
        if (block.timestamp <= open.dueBy) revert NotOverdue(id, open.dueBy);

        open.isNoted = true;
        emit RedemptionOverdue(id, open.holder, open.amount, open.dueBy);
    }

    /// @notice The holder takes tokens back that were not redeemed in time.
    function takeBack(uint256 id) external {
        if (requests[id].holder != msg.sender) revert NotYours(id, msg.sender);
        if (block.timestamp <= requests[id].dueBy) revert NotOverdue(id, requests[id].dueBy);
        Request memory open = _close(id);
        emit RedemptionReturned(id, "overdue");
        IERC20(address(token)).safeTransfer(open.holder, open.amount);
    }

    function setTerm(uint64 term_) external restricted {
        _setTerm(term_);
    }

    function _close(uint256 id) internal returns (Request memory open) {
        open = requests[id];
        if (open.holder == address(0)) revert NotOpen(id);
        delete requests[id];
        openAmount -= open.amount;
    }

    function _setTerm(uint64 term_) internal {
        if (term_ == 0) revert NoTerm();
        term = term_;
        emit TermSet(term_);
    }
}
