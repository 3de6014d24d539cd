// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Calls that fall due by themselves. Whoever schedules one says what is called, when, how often and with how much gas, and pays for the gas it used; the ledger runs what is
/// due at the beginning of a block, each occurrence once.
/// @dev Invariants: this contract's balance is never less than the sum of `balanceOf`; what has run is never run again; one job, whatever it does, costs no other job its turn and no
/// more than its own gas. A genesis file names this contract in `config.jobs`; from then on a block in which something is due is valid only if it begins with the clock's call of
/// `run`, so that nobody can leave it out, repeat it, or run it between other transactions. The calls come from this contract: whatever anybody may do can be scheduled, nothing else.
contract Jobs {
    type JobId is uint64;

    /// @param every Seconds from one run to the next; 0 for one run alone.
    /// @param gas What the call may use.
    /// @param runs How many runs are left; 0 without end.
    /// @param dueAt Seconds since 1970.
    struct Job {
        address owner;
        uint64 every;
        uint32 gas;
        address target;
        uint32 runs;
        uint64 dueAt;
        bytes data;
    }

    /// @notice Only the clock runs jobs: the rule of the chain decides when.
    error NotTheClock(address caller);

    /// @notice `target` is no contract, or this one.
    error NoTarget(address target);

    /// @notice More gas than a job may use.
    error TooMuchGas(uint256 gas, uint256 most);

    /// @notice More data than a job may carry.
    error TooMuchData(uint256 length, uint256 most);

    /// @notice More than a hundred years away, or apart.
    error TooFar(uint256 time, uint256 most);

    /// @notice `caller` has no job `id` that waits.
    error NotYourJob(JobId id, address caller);

    /// @notice `owner` has not put that much in.
    error NotThatMuch(address owner, uint256 balance, uint256 asked);

    /// @notice The account would not take what is its own.
    error NotTaken(address owner, uint256 amount);

    event JobScheduled(JobId indexed id, address indexed owner, address indexed target, bytes data, uint64 dueAt, uint64 every, uint32 runs, uint32 gas);

    /// @param succeeded Whether the call did not revert.
    /// @param gasUsed By all of it, as it was paid for.
    /// @param nextAt When it is due again; 0 where that was the last run.
    event JobRun(JobId indexed id, address indexed owner, bool succeeded, uint256 gasUsed, uint64 nextAt);
    event JobCancelled(JobId indexed id, address indexed owner);

    /// @notice The owner had less than a run could cost: the job is given up.
    event JobUnpaid(JobId indexed id, address indexed owner, uint256 needed);
    event Funded(address indexed owner, uint256 amount);
    event Withdrawn(address indexed owner, uint256 amount);

    /// @dev What a run needs beside the job's own gas: taking the first out of a queue of 2^32, and putting it back in.
    uint256 private constant _RESERVE = 800_000;

    /// @dev What is not measured: the beginning of the transaction's share, and what follows the measuring.
    uint256 private constant _UNMEASURED = 15_000;
    uint256 private constant _MOST_DATA = 1024;
    uint256 private constant _MOST_SECONDS = 100 * 365 days;

    /// @notice Whose call of `run` a block begins with.
    address public immutable clock;

    /// @notice The most that one job may use.
    uint256 public immutable mostGas;

    /// @notice What an owner has put in for the gas of its jobs, in Wei.
    mapping(address owner => uint256) public balanceOf;

    mapping(JobId id => Job) private _jobs;
    uint64 private _count;

    /// @dev A binary heap: the job due first at its root. An entry is the due time over the id, so that of two due at once the older is first. What was cancelled stays until its time.
    uint256[] private _queue;

    /// @param gasOfRun The gas limit of the clock's transaction.
    constructor(address clock_, uint256 gasOfRun) {
        clock = clock_;
        // A call hands on at most 63 of 64 parts of what is left.
        mostGas = ((gasOfRun - 50_000 - _RESERVE) * 63) / 64;
    }

    // ---- for owners ----

    /// @notice Puts coin in for the jobs of `owner`.
    function fund(address owner) external payable {
        _fund(owner);
    }

    /// @notice Takes out what no waiting run has used.
    function withdraw(uint256 amount) external {
        uint256 balance = balanceOf[msg.sender];
        if (amount > balance) revert NotThatMuch(msg.sender, balance, amount);

        balanceOf[msg.sender] = balance - amount;
        emit Withdrawn(msg.sender, amount);

        (bool taken, ) = msg.sender.call{value: amount}("");
        if (!taken) revert NotTaken(msg.sender, amount);
    }

    /// @notice Schedules a call of `target`. Coin sent along is put in for the caller's jobs.
    /// @param firstAt Seconds since 1970; what is past counts as the next second.
    /// @param every Seconds from one run to the next; where several were missed, one run makes up for them. 0 for one run alone.
    /// @param runs How many runs; 0 without end.
    function schedule(address target, bytes calldata data, uint64 firstAt, uint64 every, uint32 runs, uint32 gas) external payable returns (JobId id) {
        if (target == address(this) || target.code.length == 0) revert NoTarget(target);
        if (gas > mostGas) revert TooMuchGas(gas, mostGas);
        if (data.length > _MOST_DATA) revert TooMuchData(data.length, _MOST_DATA);
        if (firstAt > block.timestamp + _MOST_SECONDS) revert TooFar(firstAt, block.timestamp + _MOST_SECONDS);
        if (every > _MOST_SECONDS) revert TooFar(every, _MOST_SECONDS);

        // Never in the second that is running: a job that schedules the next one would otherwise run for ever.
        uint64 dueAt = firstAt > block.timestamp ? firstAt : uint64(block.timestamp) + 1;
        id = JobId.wrap(++_count);
        _jobs[id] = Job(msg.sender, every, gas, target, every == 0 ? 1 : runs, dueAt, data);
        _push(_entry(dueAt, id));
        emit JobScheduled(id, msg.sender, target, data, dueAt, every, every == 0 ? 1 : runs, gas);

        if (msg.value > 0) _fund(msg.sender);
    }

    /// @notice Takes one of the caller's jobs back.
    function cancel(JobId id) external {
        if (_jobs[id].owner != msg.sender) revert NotYourJob(id, msg.sender);

        delete _jobs[id];
        emit JobCancelled(id, msg.sender);
    }

    // ---- for readers ----

    /// @notice A job that waits; all zero where there is none.
    function job(JobId id) external view returns (Job memory) {
        return _jobs[id];
    }

    /// @notice How many entries wait, what was cancelled before its time among them.
    function waiting() external view returns (uint256) {
        return _queue.length;
    }

    /// @notice When the first is due, in seconds since 1970; the greatest number where nothing waits. Nodes ask on the state of a block for the next.
    function nextDue() external view returns (uint64) {
        return _queue.length == 0 ? type(uint64).max : uint64(_queue[0] >> 64);
    }

    // ---- for the clock ----

    /// @notice Runs what is due, the longest due first, as far as the gas goes; the rest is first in the next block.
    function run() external {
        if (msg.sender != clock) revert NotTheClock(msg.sender);
        uint256 earned;
        while (_queue.length > 0) {
            uint256 first = _queue[0];
            if (first >> 64 > block.timestamp) break;
            JobId id = JobId.wrap(uint64(first));
            uint256 before = gasleft();
            // It must be able to use all it may, or it could be made to fail by those before it.
            if (before < _RESERVE + (uint256(_jobs[id].gas) * 64) / 63) break;
            _pop();
            if (_jobs[id].owner != address(0)) earned += _run(id, before);
        }
        // What the owners paid goes to whoever paid for the transaction.
        if (earned > 0) {
            (bool taken, ) = clock.call{value: earned}("");
            if (!taken) balanceOf[clock] += earned;
        }
    }

    function _run(JobId id, uint256 before) private returns (uint256 cost) {
        Job storage kept = _jobs[id];
        (address owner, address target, uint256 gasOfCall, bytes memory data) = (kept.owner, kept.target, kept.gas, kept.data);
        uint256 most = (gasOfCall + _RESERVE) * block.basefee;
        if (balanceOf[owner] < most) {
            delete _jobs[id];
            emit JobUnpaid(id, owner, most);
            return 0;
        }

        // All that is written is written before the call: a job that comes back in here finds itself done. Its gas is set aside, so that it cannot be taken out meanwhile.
        balanceOf[owner] -= most;
        uint64 nextAt = _next(kept);
        if (nextAt == 0) {
            delete _jobs[id];
        } else {
            if (kept.runs > 0) kept.runs--;
            kept.dueAt = nextAt;
            _push(_entry(nextAt, id));
        }

        bool succeeded;
        // What it answers is not looked at: an answer too long to be copied would be paid by the others.
        assembly ("memory-safe") {
            succeeded := call(gasOfCall, target, 0, add(data, 32), mload(data), 0, 0)
        }

        uint256 used = before - gasleft() + _UNMEASURED;
        cost = used * block.basefee;
        if (cost > most) cost = most;
        balanceOf[owner] += most - cost;
        emit JobRun(id, owner, succeeded, used, nextAt);
    }

    /// @dev The first time after now that is a whole number of steps from the last; 0 where none is left.
    function _next(Job storage kept) private view returns (uint64) {
        if (kept.runs == 1) return 0;
        return kept.dueAt + kept.every * ((uint64(block.timestamp) - kept.dueAt) / kept.every + 1);
    }

    function _fund(address owner) private {
        balanceOf[owner] += msg.value;
        emit Funded(owner, msg.value);
    }

    // ---- the queue ----

    function _entry(uint64 dueAt, JobId id) private pure returns (uint256) {
        return (uint256(dueAt) << 64) | JobId.unwrap(id);
    }

    function _push(uint256 entry) private {
        _queue.push(entry);
        uint256 at = _queue.length - 1;
        while (at > 0) {
            uint256 parent = (at - 1) / 2;
            uint256 above = _queue[parent];
            if (above <= entry) break;
            _queue[at] = above;
            at = parent;
        }
        _queue[at] = entry;
    }

    function _pop() private {
        uint256 last = _queue[_queue.length - 1];
        _queue.pop();
        uint256 length = _queue.length;
        if (length == 0) return;
        uint256 at;
        while (2 * at + 1 < length) {
            uint256 child = 2 * at + 1;
            uint256 below = _queue[child];
            if (child + 1 < length && _queue[child + 1] < below) below = _queue[++child];
            if (last <= below) break;
            _queue[at] = below;
            at = child;
        }
        _queue[at] = last;
    }
}
