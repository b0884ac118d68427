// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run, Table} from "../libraries/Run.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records that a holder signs: payments, sends and cancels (04 to 07, 0A)
/// @dev Decides when a holder's nonce is used and who may pay and be paid, and spends the value with the nearest expiry
/// first.
abstract contract Payments is Handler {
    bytes32 private constant CANCEL_AUTHORIZATION =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    /// @dev 04 and 06: payer 2 · payee 2 · amount 3 · nonceLow 2 · validBefore − asOf 3 · sig, all but sig in one word.
    function _packed(Run memory run, uint256 at, bool isSend) internal returns (Reason) {
        unchecked {
            uint256 head = _read(at, 32);
            (uint256 from, uint256 to) = _parties(run, head, isSend);
            uint256 word = Table.word(from);
            uint256 nonce = (word >> Words.NONCE_AT) & Words.M24;
            uint256 offset = Words.offsetOf((head >> 176) & Words.M16, nonce);
            nonce += offset;
            if (Words.isOutside(offset, nonce)) return Reason.NonceOutOfWindow;
            uint256 amount = (head >> 192) & Words.M24;
            uint256 delta = (head >> 152) & Words.M24;
            if (!Signatures.isPayers(run, from, to, amount, 0, run.asOf + delta, nonce, at + 13)) {
                return Reason.SignatureInvalid;
            }
            if ((word >> (Words.MAP_AT + offset)) & 1 == 1) return Reason.NonceUsed;
            word = Words.useHolderNonce(word, offset);
            Table.set(from, word);
            if (delta == 0) return Reason.AuthorizationExpired;
            return isSend ? _send(run, from, to, word, amount) : _pay(run, from, to, word, amount);
        }
    }

    /// @dev 05 and 07: payer 2 · payee 2 · amount 3 · nonce 32 · validAfter 5 · validBefore 5 · sig.
    function _general(Run memory run, uint256 at, bool isSend) internal returns (Reason) {
        unchecked {
            uint256 head = _read(at, 32);
            (uint256 from, uint256 to) = _parties(run, head, isSend);
            uint256 amount = (head >> 192) & Words.M24;
            uint256 nonce = _read(at + 8, 32);
            uint256 validAfter = _read(at + 40, 5);
            uint256 validBefore = _read(at + 45, 5);
            if (!Signatures.isPayers(run, from, to, amount, validAfter, validBefore, nonce, at + 50)) {
                return Reason.SignatureInvalid;
            }
            Reason reason = _useNonce(from, nonce);
            if (reason != Reason.None) return reason;
            if (validAfter >= run.asOf) return Reason.AuthorizationNotYetValid;
            if (validBefore <= run.asOf) return Reason.AuthorizationExpired;
            uint256 word = Table.word(from);
            return isSend ? _send(run, from, to, word, amount) : _pay(run, from, to, word, amount);
        }
    }

    /// @dev 0A: authorizer 2 · nonce 32 · sig.
    function _cancel(Run memory run, uint256 at) internal returns (Reason reason) {
        unchecked {
            uint256 from = Table.holder(run, _read(at + 1, 2));
            uint256 nonce = _read(at + 3, 32);
            address authorizer = Table.owner(from);
            bytes32 structHash = keccak256(abi.encode(CANCEL_AUTHORIZATION, authorizer, nonce));
            if (!Signatures.isBy(run, authorizer, structHash, at + 35)) return Reason.SignatureInvalid;
            reason = _useNonce(from, nonce);
            if (reason == Reason.None) emit AuthorizationCanceled(authorizer, bytes32(nonce));
        }
    }

    function _parties(Run memory run, uint256 head, bool isSend) private pure returns (uint256 from, uint256 to) {
        from = Table.holder(run, (head >> 232) & Words.M16);
        uint256 payee = (head >> 216) & Words.M16;
        to = isSend ? Table.holder(run, payee) : Table.merchant(run, payee);
    }

    /// @dev Uses a nonce that is complete in the record: below 2^24 in the window, else in the table.
    function _useNonce(uint256 from, uint256 nonce) private returns (Reason) {
        unchecked {
            if (nonce > Words.M24) {
                if (_usedNonce[Table.owner(from)][bytes32(nonce)]) return Reason.NonceUsed;
                _usedNonce[Table.owner(from)][bytes32(nonce)] = true;
                return Reason.None;
            }
            uint256 word = Table.word(from);
            uint256 base = (word >> Words.NONCE_AT) & Words.M24;
            if (nonce < base) return Reason.NonceUsed;
            uint256 offset = nonce - base;
            if (Words.isOutside(offset, nonce)) return Reason.NonceOutOfWindow;
            if ((word >> (Words.MAP_AT + offset)) & 1 == 1) return Reason.NonceUsed;
            Table.set(from, Words.useHolderNonce(word, offset));
            return Reason.None;
        }
    }

    function _pay(Run memory run, uint256 from, uint256 to, uint256 word, uint256 amount) private returns (Reason) {
        unchecked {
            if (word & Words.HOLDER_IS_MERCHANT != 0) return Reason.HolderIsMerchant;
            uint256 shop = Table.word(to);
            if (shop & (Words.REGISTERED | Words.CLOSED) != Words.REGISTERED) {
                return shop & Words.REGISTERED == 0 ? Reason.MerchantNotRegistered : Reason.MerchantClosed;
            }
            if (amount == 0) return Reason.AmountInvalid;
            (uint256 taken, uint256 perLane, uint256 missing) = Words.take(word, amount, run.live);
            if (missing != 0) return Reason.InsufficientBalance;
            Table.set(from, word - taken);
            Table.set(to, shop + amount);
            run.heldOut += perLane;
            run.merchantsTotal += amount;
            emit Transfer(Table.owner(from), Table.owner(to), amount);
            return Reason.None;
        }
    }

    function _send(Run memory run, uint256 from, uint256 to, uint256 word, uint256 amount) private returns (Reason) {
        unchecked {
            uint256 receiver = Table.word(to);
            if ((word | receiver) & Words.HOLDER_IS_MERCHANT != 0) return Reason.HolderIsMerchant;
            if (from == to) return Reason.SelfTransfer;
            if (amount == 0) return Reason.AmountInvalid;
            (uint256 taken,, uint256 missing) = Words.take(word, amount, run.live);
            if (missing != 0) return Reason.InsufficientBalance;
            bool isFull;
            (receiver, isFull) = Words.credit(receiver, taken);
            if (isFull) return Reason.LaneFull;
            Table.set(from, word - taken);
            Table.set(to, receiver);
            emit Transfer(Table.owner(from), Table.owner(to), amount);
            return Reason.None;
        }
    }
}
