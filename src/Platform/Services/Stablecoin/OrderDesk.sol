// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Stablecoin} from "./Stablecoin.sol";

/// @notice Lawful orders with four eyes: one officer enters the order and the hash of its document, another carries it out. Freezing alone does not
/// wait: it holds at once and falls away when nobody confirms it in time.
/// @dev Invariants: nothing is seized or released by one officer; an order is carried out once, as it was entered; a freeze that no second officer
/// confirmed within `CONFIRM_WITHIN` can be lifted by anyone, but an account stays frozen for as long as another freeze order holds it.
contract OrderDesk is AccessManaged {
    enum Kind { Freeze, Unfreeze, Seize }
    enum Status { None, Entered, Confirmed, Lapsed }

    struct Order {
        Kind kind;
        Status status;
        address officer;
        address account;
        address to;
        uint256 amount;
        uint64 enteredAt;
        uint64 era;
    }

    error NoDocument();
    error AlreadyEntered(bytes32 document);
    error NotEntered(bytes32 document);
    error SameOfficer(address officer);
    error TooLate(bytes32 document);
    error StillInTime(bytes32 document);

    event OrderEntered(bytes32 indexed document, Kind kind, address indexed officer, address indexed account, address to, uint256 amount);
    event OrderConfirmed(bytes32 indexed document, address indexed officer);
    event OrderLapsed(bytes32 indexed document);

    uint64 public constant CONFIRM_WITHIN = 3 days;

    Stablecoin public immutable token;

    /// @notice How many freeze orders hold an account, since it was last unfrozen.
    mapping(address account => uint256) public freezes;
    // Counts the times an account was unfrozen by order: freezes entered before the last one hold it no more.
    mapping(address account => uint64) internal _eras;
    mapping(bytes32 document => Order) public orders;

    constructor(address authority, Stablecoin token_) AccessManaged(authority) {
        token = token_;
    }

    /// @notice Enters an order; a freeze takes effect at once.
    /// @param document Keccak-256 of the order's document, which also names the order.
    function enter(Kind kind, address account, address to, uint256 amount, bytes32 document) external restricted {
        if (document == 0) revert NoDocument();
        if (orders[document].status != Status.None) revert AlreadyEntered(document);

        orders[document] = Order(kind, Status.Entered, msg.sender, account, to, amount, uint64(block.timestamp), _eras[account]);
        emit OrderEntered(document, kind, msg.sender, account, to, amount);

        if (kind != Kind.Freeze) return;
        freezes[account]++;
        token.freeze(account, true, document);
    }

    /// @notice Another officer confirms the order, and it is carried out.
    function confirm(bytes32 document) external restricted {
        Order storage order = _entered(document);
        if (order.officer == msg.sender) revert SameOfficer(msg.sender);
        if (block.timestamp > order.enteredAt + CONFIRM_WITHIN) revert TooLate(document);

        order.status = Status.Confirmed;
        emit OrderConfirmed(document, msg.sender);

        if (order.kind == Kind.Unfreeze) _release(order.account, document);
        else if (order.kind == Kind.Seize) token.forceTransfer(order.account, order.to, order.amount, document);
    }

    /// @notice Ends an order that nobody confirmed in time; anyone may. A freeze is lifted.
    function lapse(bytes32 document) external {
        Order storage order = _entered(document);
        if (block.timestamp <= order.enteredAt + CONFIRM_WITHIN) revert StillInTime(document);

        order.status = Status.Lapsed;
        emit OrderLapsed(document);

        if (order.kind != Kind.Freeze || order.era != _eras[order.account]) return;
        if (freezes[order.account] == 1) _release(order.account, document);
        else freezes[order.account]--;
    }

    function _release(address account, bytes32 document) internal {
        freezes[account] = 0;
        _eras[account]++;
        token.freeze(account, false, document);
    }

    function _entered(bytes32 document) internal view returns (Order storage order) {
        order = orders[document];
        if (order.status != Status.Entered) revert NotEntered(document);
    }
}
