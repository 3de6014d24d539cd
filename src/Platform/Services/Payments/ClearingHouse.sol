// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice Settles many signed obligations at once: only each participant's net position moves, out of what it paid in beforehand.
/// @dev Invariants: for each token, the sum of all balances is never more than what this contract holds, and is equal to it but for gifts; no balance is
/// ever below zero; the nets of a cycle sum to zero; an obligation settles at most once, within its window; the result does not depend on the order in
/// the batch, and is what settling one by one would give where there was cover for that. The operator only orders a cycle: the contract itself
/// recomputes every sum from what the debtors signed. A pause stops deposits and cycles, never a withdrawal.
contract ClearingHouse is AccessManaged, EIP712, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    type ObligationId is bytes32;

    /// @param reference_ Makes two obligations of the same parties and amount different.
    /// @param counterpart Another obligation that must settle in the same cycle (delivery versus payment, payment versus payment); zero for none.
    /// @param notBefore Seconds since 1970; may settle from then on.
    /// @param deadline Seconds since 1970; may settle until then.
    struct Obligation {
        address debtor;
        address creditor;
        IERC20 token;
        uint256 amount;
        bytes32 reference_;
        ObligationId counterpart;
        uint64 notBefore;
        uint64 deadline;
    }

    /// @notice Somebody with a position in a cycle: one participant in one token.
    struct Party {
        IERC20 token;
        address participant;
    }

    /// @notice An obligation as a cycle carries it, with the places of its two parties in the cycle's list.
    struct Entry {
        Obligation obligation;
        uint16 debtorIndex;
        uint16 creditorIndex;
        bytes signature;
    }

    error NotAParticipant(address account);
    error TokenNotAccepted(IERC20 token);
    error NotReceivedInFull(uint256 amount, uint256 received);
    error BalanceTooLow(IERC20 token, address participant, uint256 balance, uint256 needed);
    /// @notice `participant` may owe `cap` net in one cycle at the most.
    error AboveDebitCap(IERC20 token, address participant, uint256 net, uint256 cap);
    error AlreadySettled(ObligationId id);
    error NotYetOrNoLonger(ObligationId id, uint64 notBefore, uint64 deadline);
    error NotSignedByDebtor(ObligationId id);
    error WrongParty(ObligationId id, uint256 index);
    /// @notice The list of parties must rise strictly: by token, then by participant.
    error PartiesNotInOrder(uint256 index);
    error CounterpartMissing(ObligationId id, ObligationId counterpart);
    error EmptyCycle();
    error CycleTooLong(uint256 obligations, uint256 parties);

    event Deposited(IERC20 indexed token, address indexed participant, uint256 amount);
    event Withdrawn(IERC20 indexed token, address indexed participant, address to, uint256 amount);
    event ObligationSettled(ObligationId indexed id, uint256 indexed cycle, address indexed debtor, address creditor, IERC20 token, uint256 amount, bytes32 reference_);
    /// @param net What the participant gained (or owed, below zero) in the cycle.
    event PositionSettled(uint256 indexed cycle, IERC20 indexed token, address indexed participant, int256 net);
    /// @param root Keccak-256 of the ids of the obligations, rising.
    event CycleSettled(uint256 indexed cycle, bytes32 root, uint256 obligations);
    event ParticipantSet(address indexed account, bool isParticipant);
    event TokenSet(IERC20 indexed token, bool isAccepted);
    event DebitCapSet(IERC20 indexed token, address indexed participant, uint256 cap);

    uint256 public constant MAX_OBLIGATIONS = 500;
    uint256 public constant MAX_PARTIES = 500;

    // Sums of 500 amounts below this bound fit an int256 many times over.
    uint256 public constant MAX_AMOUNT = type(uint128).max;

    bytes32 public constant OBLIGATION_TYPEHASH = keccak256(
        "Obligation(address debtor,address creditor,address token,uint256 amount,bytes32 reference,bytes32 counterpart,uint64 notBefore,uint64 deadline)"
    );

    mapping(address account => bool) public isParticipant;
    mapping(IERC20 token => bool) public isAccepted;
    mapping(IERC20 token => mapping(address participant => uint256)) public balanceOf;
    mapping(IERC20 token => uint256) public totalBalance;
    /// @notice The most a participant may owe net in one cycle; zero sets no bound but its balance.
    mapping(IERC20 token => mapping(address participant => uint256)) public debitCap;
    /// @notice The cycle in which an obligation was settled, counted from 1; zero for one that was not.
    mapping(ObligationId id => uint256) public settledIn;
    uint256 public cycles;

    constructor(address authority) AccessManaged(authority) EIP712("Hufu Clearing", "1") {}

    /// @notice The EIP-712 digest that a debtor signs, which is also the obligation's name.
    function idOf(Obligation calldata obligation) public view returns (ObligationId) {
        return ObligationId.wrap(_hashTypedDataV4(keccak256(abi.encode(
            OBLIGATION_TYPEHASH, obligation.debtor, obligation.creditor, obligation.token, obligation.amount, obligation.reference_, obligation.counterpart,
            obligation.notBefore, obligation.deadline
        ))));
    }

    /// @notice Pays in, for the caller or for another participant.
    function deposit(IERC20 token, address participant, uint256 amount) external whenNotPaused nonReentrant {
        if (!isAccepted[token]) revert TokenNotAccepted(token);
        if (!isParticipant[participant]) revert NotAParticipant(participant);

        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert NotReceivedInFull(amount, received);

        balanceOf[token][participant] += amount;
        totalBalance[token] += amount;
        emit Deposited(token, participant, amount);
    }

    /// @notice Takes out what is the caller's, whatever else has been paused or withdrawn from it.
    function withdraw(IERC20 token, address to, uint256 amount) external nonReentrant {
        uint256 balance = balanceOf[token][msg.sender];
        if (balance < amount) revert BalanceTooLow(token, msg.sender, balance, amount);

        balanceOf[token][msg.sender] = balance - amount;
        totalBalance[token] -= amount;
        emit Withdrawn(token, msg.sender, to, amount);

        token.safeTransfer(to, amount);
    }

    /// @notice Settles all the obligations given, or none. Needs the operator's role.
    /// @param parties Everyone with a position, in rising order.
    function settle(Party[] calldata parties, Entry[] calldata entries) external restricted whenNotPaused nonReentrant returns (uint256 cycle) {
        if (entries.length == 0) revert EmptyCycle();
        if (entries.length > MAX_OBLIGATIONS || parties.length > MAX_PARTIES) revert CycleTooLong(entries.length, parties.length);
        _checkParties(parties);

        cycle = ++cycles;
        int256[] memory nets = new int256[](parties.length);
        bytes32[] memory ids = new bytes32[](entries.length);
        for (uint256 i = 0; i < entries.length; i++) ids[i] = ObligationId.unwrap(_take(parties, entries[i], nets, cycle));
        _checkCounterparts(entries, cycle);
        for (uint256 i = 0; i < parties.length; i++) _apply(parties[i], nets[i], cycle);
        emit CycleSettled(cycle, keccak256(abi.encodePacked(_sorted(ids))), entries.length);
    }

    function setParticipant(address account, bool participates) external restricted {
        isParticipant[account] = participates;
        emit ParticipantSet(account, participates);
    }

    function setToken(IERC20 token, bool accepted) external restricted {
        isAccepted[token] = accepted;
        emit TokenSet(token, accepted);
    }

    function setDebitCap(IERC20 token, address participant, uint256 cap) external restricted {
        debitCap[token][participant] = cap;
        emit DebitCapSet(token, participant, cap);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    function _checkParties(Party[] calldata parties) internal view {
        for (uint256 i = 0; i < parties.length; i++) {
            if (!isParticipant[parties[i].participant]) revert NotAParticipant(parties[i].participant);
            if (i == 0) continue;
            (address before, address token) = (address(parties[i - 1].token), address(parties[i].token));
            if (before > token || (before == token && parties[i - 1].participant >= parties[i].participant)) revert PartiesNotInOrder(i);
        }
    }

    // Marked before the next one is looked at: the same obligation twice in a batch is refused like one of an earlier cycle.
    function _take(Party[] calldata parties, Entry calldata entry, int256[] memory nets, uint256 cycle) internal returns (ObligationId id) {
        Obligation calldata obligation = entry.obligation;
        id = idOf(obligation);
        if (settledIn[id] != 0) revert AlreadySettled(id);
        if (block.timestamp < obligation.notBefore || block.timestamp > obligation.deadline) revert NotYetOrNoLonger(id, obligation.notBefore, obligation.deadline);
        if (!isAccepted[obligation.token]) revert TokenNotAccepted(obligation.token);
        if (obligation.amount > MAX_AMOUNT) revert BalanceTooLow(obligation.token, obligation.debtor, MAX_AMOUNT, obligation.amount);
        _checkParty(parties, entry.debtorIndex, obligation.token, obligation.debtor, id);
        _checkParty(parties, entry.creditorIndex, obligation.token, obligation.creditor, id);
        if (!SignatureChecker.isValidSignatureNow(obligation.debtor, ObligationId.unwrap(id), entry.signature)) revert NotSignedByDebtor(id);

        settledIn[id] = cycle;
        nets[entry.debtorIndex] -= int256(obligation.amount);
        nets[entry.creditorIndex] += int256(obligation.amount);
        emit ObligationSettled(id, cycle, obligation.debtor, obligation.creditor, obligation.token, obligation.amount, obligation.reference_);
    }

    function _checkParty(Party[] calldata parties, uint256 index, IERC20 token, address participant, ObligationId id) internal pure {
        if (index >= parties.length || address(parties[index].token) != address(token) || parties[index].participant != participant) revert WrongParty(id, index);
    }

    function _checkCounterparts(Entry[] calldata entries, uint256 cycle) internal view {
        for (uint256 i = 0; i < entries.length; i++) {
            ObligationId counterpart = entries[i].obligation.counterpart;
            if (ObligationId.unwrap(counterpart) == 0 || settledIn[counterpart] == cycle) continue;
            revert CounterpartMissing(idOf(entries[i].obligation), counterpart);
        }
    }

    function _apply(Party calldata party, int256 net, uint256 cycle) internal {
        uint256 balance = balanceOf[party.token][party.participant];
        if (net < 0) {
            uint256 owed = uint256(-net);
            uint256 cap = debitCap[party.token][party.participant];
            if (cap != 0 && owed > cap) revert AboveDebitCap(party.token, party.participant, owed, cap);
            if (balance < owed) revert BalanceTooLow(party.token, party.participant, balance, owed);
            balanceOf[party.token][party.participant] = balance - owed;
        } else if (net > 0) {
            balanceOf[party.token][party.participant] = balance + uint256(net);
        }
        emit PositionSettled(cycle, party.token, party.participant, net);
    }

    // At most 500, and nearly in order where the operator was kind: a plain insertion sort.
    function _sorted(bytes32[] memory ids) internal pure returns (bytes32[] memory) {
        for (uint256 i = 1; i < ids.length; i++) {
            bytes32 id = ids[i];
            uint256 place = i;
            for (; place > 0 && ids[place - 1] > id; place--) ids[place] = ids[place - 1];
            ids[place] = id;
        }
        return ids;
    }
}
