// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice Pays over time: by the second (a stream) or in equal instalments (a schedule: wages, rent).
/// @dev Invariants: for each stream, withdrawn ≤ vested ≤ deposited, and vested never falls; for each token, this contract's balance is never less than the
/// sum of what streams have not paid out. A cancelled stream owes the payee exactly what had vested.
contract Streams is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    type StreamId is uint256;

    /// @param start Seconds since 1970.
    /// @param step Seconds from one instalment to the next; 1 for a stream by the second.
    /// @param steps How many instalments there are.
    /// @param deposited All that will have been paid at the end.
    struct Stream {
        IERC20 token;
        address payer;
        address payee;
        uint64 start;
        uint32 step;
        uint32 steps;
        uint128 deposited;
        uint128 withdrawn;
    }

    error NotForYou(StreamId id, address caller);
    error NoSuchStream(StreamId id);
    error NothingVested(StreamId id);
    error MoreThanVested(StreamId id, uint256 vested, uint256 asked);
    error NoPayee();
    error NoAmount();
    error NoSteps();
    error AlreadyOver(StreamId id);
    error NotReceivedInFull(uint256 amount, uint256 received);

    event StreamOpened(StreamId indexed id, address indexed payer, address indexed payee, IERC20 token, uint256 amount, uint64 start, uint32 step, uint32 steps);
    event StreamWithdrawn(StreamId indexed id, address to, uint256 amount);
    /// @param vested What the payee keeps in all.
    event StreamClosed(StreamId indexed id, uint256 vested, uint256 returned);

    Stream[] internal _streams;

    function stream(StreamId id) external view returns (Stream memory) {
        return _at(id);
    }

    function streamCount() external view returns (uint256) {
        return _streams.length;
    }

    /// @notice What has become the payee's so far, withdrawn or not. Rounded down: the last instalment brings the rest.
    function vestedDown(StreamId id) external view returns (uint256) {
        return _vestedDown(_at(id));
    }

    /// @notice Takes the whole amount from the caller, who approved it before.
    function open(IERC20 token, address payee, uint128 amount, uint64 start, uint32 step, uint32 steps) external nonReentrant returns (StreamId id) {
        if (payee == address(0) || payee == address(this)) revert NoPayee();
        if (amount == 0) revert NoAmount();
        if (step == 0 || steps == 0) revert NoSteps();

        id = StreamId.wrap(_streams.length);
        _streams.push(Stream(token, msg.sender, payee, start, step, steps, amount, 0));
        emit StreamOpened(id, msg.sender, payee, token, amount, start, step, steps);

        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert NotReceivedInFull(amount, received);
    }

    /// @notice Pays the payee all that has vested; nothing where nothing has. Anybody may call it: the ledger itself does where it runs jobs.
    function collect(StreamId id) external nonReentrant {
        Stream storage open_ = _at(id);
        uint256 vested = _vestedDown(open_) - open_.withdrawn;
        if (vested == 0) return;

        open_.withdrawn += uint128(vested);
        emit StreamWithdrawn(id, open_.payee, vested);

        open_.token.safeTransfer(open_.payee, vested);
    }

    /// @notice The payee takes what has vested, or some of it, to an address of its choice.
    function withdraw(StreamId id, address to, uint128 amount) external nonReentrant {
        Stream storage open_ = _at(id);
        if (msg.sender != open_.payee) revert NotForYou(id, msg.sender);
        uint256 vested = _vestedDown(open_) - open_.withdrawn;
        if (amount == 0) revert NothingVested(id);
        if (amount > vested) revert MoreThanVested(id, vested, amount);

        open_.withdrawn += amount;
        emit StreamWithdrawn(id, to, amount);

        open_.token.safeTransfer(to, amount);
    }

    /// @notice The payer ends the stream: what has vested stays the payee's to withdraw, the rest comes back.
    function cancel(StreamId id) external nonReentrant {
        Stream storage open_ = _at(id);
        if (msg.sender != open_.payer) revert NotForYou(id, msg.sender);
        uint256 vested = _vestedDown(open_);
        uint256 rest = open_.deposited - vested;
        if (rest == 0) revert AlreadyOver(id);

        // From here on all of a smaller deposit has vested.
        open_.deposited = uint128(vested);
        open_.start = 0;
        open_.step = 1;
        open_.steps = 1;
        emit StreamClosed(id, vested, rest);

        open_.token.safeTransfer(open_.payer, rest);
    }

    function _at(StreamId id) internal view returns (Stream storage) {
        uint256 index = StreamId.unwrap(id);
        if (index >= _streams.length) revert NoSuchStream(id);
        return _streams[index];
    }

    function _vestedDown(Stream storage open_) internal view returns (uint256) {
        if (block.timestamp < open_.start) return 0;
        uint256 done = (block.timestamp - open_.start) / open_.step;
        return done >= open_.steps ? open_.deposited : Math.mulDiv(open_.deposited, done, open_.steps);
    }
}
