// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice Pays a payee by reference, at most once per payer, payee, token and reference.
/// @dev Invariants: this contract holds no token between transactions; a payment is recorded exactly when the payee received its whole amount;
/// no payment is recorded twice. Whoever relays a signed payment chooses neither the payee nor the amount nor the reference.
contract Payments is AccessManaged, Pausable {
    using SafeERC20 for IERC20;

    type PaymentId is bytes32;

    /// @param reference_ What the payee recognises the payment by: an invoice, an EndToEndId, a UETR.
    struct Payment {
        IERC20 token;
        address payer;
        address payee;
        uint256 amount;
        bytes32 reference_;
    }

    /// @notice This very payment was made in an earlier transaction.
    error AlreadyPaid(PaymentId id);
    /// @notice Only tokens on the list are taken: a token can lie about what it moves.
    error TokenNotAccepted(IERC20 token);
    /// @notice The payee would have received `received` instead of `amount`: the token keeps a fee.
    error NotReceivedInFull(uint256 amount, uint256 received);
    /// @notice The nonce that the payer signed is not that of this payee, reference and salt.
    error NotAuthorisedFor(address payee, bytes32 reference_);
    error NoPayee();
    error NoAmount();

    event PaymentMade(PaymentId indexed id, address indexed payer, address indexed payee, IERC20 token, uint256 amount, bytes32 reference_);
    event TokenAccepted(IERC20 indexed token, bool accepted);

    mapping(IERC20 token => bool) public isAccepted;
    mapping(PaymentId id => bool) public isPaid;

    constructor(address authority) AccessManaged(authority) {}

    /// @notice The name of a payment: the same for the same payer, payee, token and reference.
    function idOf(IERC20 token, address payer, address payee, bytes32 reference_) public view returns (PaymentId) {
        return PaymentId.wrap(keccak256(abi.encode(block.chainid, address(this), token, payer, payee, reference_)));
    }

    /// @notice The ERC-3009 nonce a payer signs so that the authorisation is good for one payee and one reference only.
    function nonceOf(address payee, bytes32 reference_, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(payee, reference_, salt));
    }

    /// @notice Pays from the caller, who approved the amount before.
    function pay(IERC20 token, address payee, uint256 amount, bytes32 reference_) external whenNotPaused returns (PaymentId) {
        return _pay(Payment(token, msg.sender, payee, amount, reference_));
    }

    /// @notice Pays from the caller with an ERC-2612 permit.
    /// @dev A permit that somebody else has already used (to make this call fail) is no reason to fail: the allowance then stands.
    function payWithPermit(
        IERC20 token, address payee, uint256 amount, bytes32 reference_, uint256 deadline, uint8 v, bytes32 r, bytes32 s
    ) external whenNotPaused returns (PaymentId) {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return _pay(Payment(token, msg.sender, payee, amount, reference_));
    }

    /// @notice Pays what the payer signed (ERC-3009), whoever sends it in and pays its fee.
    /// @param salt Chosen by the payer: `nonceOf(payee, reference, salt)` is the nonce of the authorisation.
    function payWithAuthorization(
        Payment calldata payment, bytes32 salt, uint256 validAfter, uint256 validBefore, uint8 v, bytes32 r, bytes32 s
    ) external whenNotPaused returns (PaymentId id) {
        id = _record(payment);
        bytes32 nonce = nonceOf(payment.payee, payment.reference_, salt);

        uint256 before = payment.token.balanceOf(address(this));
        IERC3009(address(payment.token)).receiveWithAuthorization(payment.payer, address(this), payment.amount, validAfter, validBefore, nonce, v, r, s);
        uint256 received = payment.token.balanceOf(address(this)) - before;
        if (received != payment.amount) revert NotReceivedInFull(payment.amount, received);
        _deliver(payment, address(0));
    }

    /// @notice Puts a token on the list of those taken, or off it. Needs the role that the access manager names for it.
    function accept(IERC20 token, bool accepted) external restricted {
        isAccepted[token] = accepted;
        emit TokenAccepted(token, accepted);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    function _pay(Payment memory payment) internal returns (PaymentId id) {
        id = _record(payment);
        _deliver(payment, payment.payer);
    }

    // Recorded before any token moves: a token that calls back finds the payment made.
    function _record(Payment memory payment) internal returns (PaymentId id) {
        if (!isAccepted[payment.token]) revert TokenNotAccepted(payment.token);
        if (payment.payee == address(0) || payment.payee == address(this)) revert NoPayee();
        if (payment.amount == 0) revert NoAmount();
        id = idOf(payment.token, payment.payer, payment.payee, payment.reference_);
        if (isPaid[id]) revert AlreadyPaid(id);

        isPaid[id] = true;
        emit PaymentMade(id, payment.payer, payment.payee, payment.token, payment.amount, payment.reference_);
    }

    /// @param from Whose allowance pays; zero where the amount is already here.
    function _deliver(Payment memory payment, address from) internal {
        uint256 before = payment.token.balanceOf(payment.payee);
        if (from == address(0)) payment.token.safeTransfer(payment.payee, payment.amount);
        else payment.token.safeTransferFrom(from, payment.payee, payment.amount);
        // One who pays himself receives nothing more; no fee hides there.
        if (payment.payer == payment.payee && from != address(0)) return;
        uint256 received = payment.token.balanceOf(payment.payee) - before;
        if (received != payment.amount) revert NotReceivedInFull(payment.amount, received);
    }
}
