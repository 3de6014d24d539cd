// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReserveFeed} from "./ReserveFeed.sol";
import {Stablecoin} from "./Stablecoin.sol";

/// @notice The only way to new tokens. Each minter has an allowance that refills by the day; a large mint needs a second officer; no mint takes the supply
/// above the attested reserve.
/// @dev Invariants: right after a mint the supply is at most the reserve then attested; a minter's room falls by exactly what it minted and never grows
/// faster than its daily rate, nor above its ceiling; what is above the threshold was ordered by one and confirmed by another.
contract MintDesk is AccessManaged {
    /// @param ceiling The most that may be minted at once, and in one day from a full allowance.
    /// @param daily What comes back in a day, up to the ceiling.
    struct Minter {
        uint128 ceiling;
        uint128 daily;
        uint128 room;
        uint64 countedAt;
    }

    struct Order {
        address minter;
        address to;
        uint256 amount;
        uint64 deadline;
    }

    error NotAMinter(address account);
    error AboveAllowance(address minter, uint256 room, uint256 amount);
    error AboveReserve(uint256 reserve, uint256 supplyAfter);
    error NeedsConfirmation(uint256 threshold, uint256 amount);
    error NoSuchOrder(uint256 id);
    error OrderExpired(uint256 id, uint64 deadline);
    error SameOfficer(address officer);
    error NoAmount();

    event MinterSet(address indexed minter, uint128 ceiling, uint128 daily);
    event Minted(address indexed minter, address indexed to, uint256 amount, uint256 reserve, uint256 supply);
    event MintOrdered(uint256 indexed id, address indexed minter, address indexed to, uint256 amount, uint64 deadline);
    event MintConfirmed(uint256 indexed id, address indexed officer);
    event MintWithdrawn(uint256 indexed id, address indexed by);
    event ThresholdSet(uint256 threshold);

    uint64 public constant ORDER_LIFETIME = 1 days;

    Stablecoin public immutable token;
    ReserveFeed public immutable feed;
    /// @notice From this amount on two officers are needed.
    uint256 public threshold;
    uint256 public orderCount;

    mapping(address account => Minter) internal _minters;
    mapping(uint256 id => Order) public orders;

    constructor(address authority, Stablecoin token_, ReserveFeed feed_, uint256 threshold_) AccessManaged(authority) {
        (token, feed, threshold) = (token_, feed_, threshold_);
        emit ThresholdSet(threshold_);
    }

    /// @notice What a minter may mint at this moment.
    function roomOf(address account) public view returns (uint256) {
        Minter storage minter = _minters[account];
        uint256 refilled = uint256(minter.room) + uint256(minter.daily) * (block.timestamp - minter.countedAt) / 1 days;
        return refilled < minter.ceiling ? refilled : minter.ceiling;
    }

    function minterOf(address account) external view returns (Minter memory) {
        return _minters[account];
    }

    /// @notice Mints less than the threshold at once.
    function mint(address to, uint256 amount) external {
        if (amount >= threshold) revert NeedsConfirmation(threshold, amount);
        _mint(msg.sender, to, amount);
    }

    /// @notice Orders a mint of any size, which another officer has to confirm within a day.
    function order(address to, uint256 amount) external returns (uint256 id) {
        if (_minters[msg.sender].ceiling == 0) revert NotAMinter(msg.sender);
        if (amount == 0) revert NoAmount();

        id = ++orderCount;
        uint64 deadline = uint64(block.timestamp) + ORDER_LIFETIME;
        orders[id] = Order(msg.sender, to, amount, deadline);
        emit MintOrdered(id, msg.sender, to, amount, deadline);
    }

    /// @notice A second officer, not the one who ordered it, lets the mint happen. Needs the role of a confirming officer.
    function confirm(uint256 id) external restricted {
        Order memory ordered = _order(id);
        if (block.timestamp > ordered.deadline) revert OrderExpired(id, ordered.deadline);
        if (ordered.minter == msg.sender) revert SameOfficer(msg.sender);

        delete orders[id];
        emit MintConfirmed(id, msg.sender);
        _mint(ordered.minter, ordered.to, ordered.amount);
    }

    /// @notice The minter takes its order back.
    function withdraw(uint256 id) external {
        if (_order(id).minter != msg.sender) revert NotAMinter(msg.sender);
        delete orders[id];
        emit MintWithdrawn(id, msg.sender);
    }

    /// @notice Appoints a minter, changes its bounds (its room is full then), or dismisses it with a ceiling of zero.
    function setMinter(address account, uint128 ceiling, uint128 daily) external restricted {
        _minters[account] = Minter(ceiling, daily, ceiling, uint64(block.timestamp));
        emit MinterSet(account, ceiling, daily);
    }

    function setThreshold(uint256 threshold_) external restricted {
        threshold = threshold_;
        emit ThresholdSet(threshold_);
    }

    function _order(uint256 id) internal view returns (Order memory ordered) {
        ordered = orders[id];
        if (ordered.minter == address(0)) revert NoSuchOrder(id);
    }

    function _mint(address account, address to, uint256 amount) internal {
        Minter storage minter = _minters[account];
        if (minter.ceiling == 0) revert NotAMinter(account);
        if (amount == 0) revert NoAmount();
        uint256 room = roomOf(account);
        if (amount > room) revert AboveAllowance(account, room, amount);
        (uint256 reserve, uint256 supply) = (feed.reserve(), token.totalSupply() + amount);
        if (supply > reserve) revert AboveReserve(reserve, supply);

        minter.room = uint128(room - amount);
        minter.countedAt = uint64(block.timestamp);
        emit Minted(account, to, amount, reserve, supply);

        token.mint(to, amount);
    }
}
