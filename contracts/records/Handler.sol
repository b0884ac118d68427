// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBandaiCoin} from "../interfaces/IBandaiCoin.sol";
import {Reason} from "../Reason.sol";
import {Run} from "../libraries/Run.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Words} from "../libraries/Words.sol";
import {Store} from "../Store.sol";

/// @title The base of all record handlers: the bytes of a record, and the signers of the town
/// @dev Decides who has signed, with which role and nonce. Knows no particular kind.
/// A handler returns the lowest reason of the ladder that applies, or None; it must not panic. The order is the same for
/// all: complete the nonce from its low bits; check the signature, the signer's role and the nonce; from here on the nonce
/// is used, whatever the rules say; then the rules, in the order of the ladder; then the effect. `at` is the position of the
/// record's kind byte in the calldata.
abstract contract Handler is Store, IBandaiCoin {
    /// @dev A nonce is below the largest base, so that the base after it still fits into its field.
    uint256 private constant LAST_SIGNER_NONCE = Words.M32 - 1;

    // ---------------------------------------------------------------- the bytes of a record

    function _read(uint256 at, uint256 size) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, mul(8, size)), calldataload(at))
        }
    }

    function _address(uint256 at) internal pure returns (address account) {
        assembly ("memory-safe") {
            account := shr(96, calldataload(at))
        }
    }

    // ---------------------------------------------------------------- signers

    /// @dev Completes a signer's nonce from its low bits; false if it is outside the window.
    function _completed(address signer, uint256 low) internal view returns (uint256 nonce, bool isInside) {
        unchecked {
            uint256 base = _signers[signer] & Words.M32;
            uint256 offset = Words.offsetOf(low, base);
            nonce = base + offset;
            isInside = offset < Words.SIGNER_WINDOW && nonce <= LAST_SIGNER_NONCE;
        }
    }

    /// @dev One signer: checks signature, role and nonce; uses the nonce if signature and nonce are valid, even without the
    /// role.
    function _one(Run memory run, address signer, uint256 nonce, uint256 role, bytes32 structHash, uint256 at)
        internal
        returns (Reason)
    {
        if (!Signatures.isBy(run, signer, structHash, at)) return Reason.SignatureInvalid;
        bool isAllowed = _roleOf(signer) == role;
        return _useSigned(signer, nonce, isAllowed);
    }

    /// @dev Two distinct staff over one message: first 20 · second 20 · nonceLow 2 · sig · sig. The struct hash must contain
    /// `first`, whose nonce it is: under another first signer the same signatures are invalid.
    function _two(Run memory run, uint256 at, uint256 nonce, bytes32 structHash) internal returns (Reason) {
        address first = _address(at);
        unchecked {
            if (!_bothSigned(run, structHash, at, at + 42)) return Reason.SignatureInvalid;
        }
        return _useSigned(first, nonce, _areStaff(at));
    }

    function _useSigned(address signer, uint256 nonce, bool isAllowed) private returns (Reason) {
        unchecked {
            uint256 word = _signers[signer];
            uint256 offset = nonce - (word & Words.M32);
            bool isUsed = (word >> (32 + offset)) & 1 == 1;
            if (!isUsed) _signers[signer] = Words.useSignerNonce(word, offset);
            if (!isAllowed) return Reason.SignerNotAuthorized;
            return isUsed ? Reason.NonceUsed : Reason.None;
        }
    }

    /// @dev `signers`: two addresses in a row; `signatures`: two compact signatures in a row.
    function _bothSigned(Run memory run, bytes32 structHash, uint256 signers, uint256 signatures)
        internal
        view
        returns (bool)
    {
        unchecked {
            return Signatures.isBy(run, _address(signers), structHash, signatures)
                && Signatures.isBy(run, _address(signers + 20), structHash, signatures + 64);
        }
    }

    function _areStaff(uint256 signers) internal view returns (bool) {
        unchecked {
            address first = _address(signers);
            address second = _address(signers + 20);
            return first != second && _roleOf(first) == Words.ROLE_STAFF && _roleOf(second) == Words.ROLE_STAFF;
        }
    }

    function _roleOf(address signer) private view returns (uint256) {
        return (_signers[signer] >> Words.ROLE_AT) & 0xFF;
    }
}
