// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice What an auditor attests to be held in reserve, and for how long that word counts.
/// @dev Invariants: an attestation was signed by the auditor appointed at that time; attestations only ever get younger; a reserve is never reported from
/// one that is older than its validity.
contract ReserveFeed is AccessManaged, EIP712 {
    /// @param amount In the token's smallest unit.
    /// @param asOf When the reserve was counted, in seconds since 1970.
    /// @param report Keccak-256 of the auditor's report.
    struct Attestation {
        uint256 amount;
        uint64 asOf;
        bytes32 report;
    }

    error NotSignedByAuditor(address auditor);
    error NotNewer(uint64 asOf, uint64 latest);
    error FromTheFuture(uint64 asOf, uint256 now_);
    error NoAuditor();
    error NoValidity();

    event ReserveAttested(uint256 amount, uint64 indexed asOf, bytes32 indexed report, address indexed auditor);
    event AuditorAppointed(address indexed auditor);
    event ValiditySet(uint64 validity);

    bytes32 public constant ATTESTATION_TYPEHASH = keccak256("Attestation(uint256 amount,uint64 asOf,bytes32 report)");

    address public auditor;
    /// @notice How long an attestation counts, in seconds.
    uint64 public validity;
    Attestation public latest;

    constructor(address authority, address auditor_, uint64 validity_) AccessManaged(authority) EIP712("Hufu Reserve", "1") {
        _appoint(auditor_);
        _setValidity(validity_);
    }

    /// @notice Brings in what the auditor signed; anyone may.
    function attest(Attestation calldata attestation, bytes calldata signature) external {
        if (attestation.asOf > block.timestamp) revert FromTheFuture(attestation.asOf, block.timestamp);
        if (attestation.asOf <= latest.asOf) revert NotNewer(attestation.asOf, latest.asOf);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation.amount, attestation.asOf, attestation.report)));
        if (!SignatureChecker.isValidSignatureNow(auditor, digest, signature)) revert NotSignedByAuditor(auditor);

        latest = attestation;
        emit ReserveAttested(attestation.amount, attestation.asOf, attestation.report, auditor);
    }

    /// @notice The reserve that may be relied upon now: the last attested one, or nothing once that is too old.
    function reserve() public view returns (uint256) {
        return block.timestamp <= uint256(latest.asOf) + validity ? latest.amount : 0;
    }

    /// @notice Another auditor takes over; what the one before attested counts no longer.
    function appoint(address auditor_) external restricted {
        delete latest.amount;
        _appoint(auditor_);
    }

    function setValidity(uint64 validity_) external restricted {
        _setValidity(validity_);
    }

    function _appoint(address auditor_) internal {
        if (auditor_ == address(0)) revert NoAuditor();
        auditor = auditor_;
        emit AuditorAppointed(auditor_);
    }

    function _setValidity(uint64 validity_) internal {
        if (validity_ == 0) revert NoValidity();
        validity = validity_;
        emit ValiditySet(validity_);
    }
}
