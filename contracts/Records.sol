// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBandaiCoin} from "./interfaces/IBandaiCoin.sol";
import {Reason} from "./Reason.sol";
import {Run, Table} from "./libraries/Run.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Words} from "./libraries/Words.sol";
import {Store} from "./Store.sol";

/// @title What each record does (`docs/formats.md` §3)
/// @dev A handler returns the lowest reason of the ladder that applies, or None; it must not panic. One order for all:
/// the nonce is completed from its low bits, the signature checked, the right of the signer, the nonce; from there on
/// the nonce is used, whatever the rules say; then the rules, in the order of the ladder; then the effect.
/// `at` is the place in the calldata of the record's kind byte.
abstract contract Records is Store, IBandaiCoin {
    bytes32 internal constant CANCEL_AUTHORIZATION =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 internal constant TOP_UP = keccak256(
        "TopUp(address channel,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,bytes32 reference,uint256 nonce)"
    );
    bytes32 internal constant REDEEM =
        keccak256("Redeem(address merchant,uint256 amount,bytes32 payout,uint256 nonce)");
    bytes32 internal constant MERCHANT =
        keccak256("Merchant(address account,uint256 number,uint256 status,uint256 nonce)");
    bytes32 internal constant CALENDAR = keccak256("Calendar(uint256 lane,uint256 expiry,uint256 nonce)");
    bytes32 internal constant ROLE = keccak256("Role(address account,uint256 role,uint256 allowance,uint256 nonce)");

    uint256 internal constant NOBODY = 0xFFFF;
    uint256 internal constant STATUS_OPEN = 1;
    uint256 internal constant STATUS_CLOSED = 2;
    uint256 internal constant LAST_MERCHANT_NUMBER = 999_999;

    /// @dev A nonce stays below the largest value of its base, so that the base after it still fits its field.
    uint256 private constant LAST_SIGNER_NONCE = Words.M32 - 1;

    // ---------------------------------------------------------------- payments and sends

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

    /// @dev Uses a nonce that the record carries in full: below 2^24 in the window, else in the table.
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

    // ---------------------------------------------------------------- one signer: top-up, redeem

    /// @dev 01: channel 20 · holder 2 · coins 3 · coinExpiry 5 · points 3 · pointExpiry 5 · reference 32 · nonceLow 2 · sig.
    function _topUp(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            address channel = _address(at + 1);
            uint256 holder = Table.holder(run, _read(at + 21, 2));
            (uint256 nonce, bool isInside) = _completed(channel, _read(at + 71, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            bytes32 structHash = _topUpHash(at, channel, Table.owner(holder), nonce);
            Reason reason = _one(run, channel, nonce, Words.ROLE_CHANNEL, structHash, at + 73);
            if (reason != Reason.None) return reason;
            return _issue(run, at, channel, holder, Signatures.digest(run, structHash));
        }
    }

    function _topUpHash(uint256 at, address channel, address holder, uint256 nonce) private pure returns (bytes32) {
        unchecked {
            return keccak256(
                abi.encode(
                    TOP_UP,
                    channel,
                    holder,
                    _read(at + 23, 3),
                    _read(at + 26, 5),
                    _read(at + 31, 3),
                    _read(at + 34, 5),
                    _read(at + 39, 32),
                    nonce
                )
            );
        }
    }

    function _issue(Run memory run, uint256 at, address channel, uint256 holder, bytes32 digest)
        private
        returns (Reason)
    {
        unchecked {
            uint256 coins = _read(at + 23, 3);
            uint256 points = _read(at + 31, 3);
            uint256 total = coins + points;
            if (Table.word(holder) & Words.HOLDER_IS_MERCHANT != 0) return Reason.HolderIsMerchant;
            if (total == 0) return Reason.AmountInvalid;
            (uint256 coinLane, Reason coinReason) = _creditLane(run, coins, _read(at + 26, 5));
            (uint256 pointLane, Reason pointReason) = _creditLane(run, points, _read(at + 34, 5));
            Reason reason = _lower(coinReason, pointReason);
            if (reason != Reason.None) return reason;
            (uint256 word, bool isFull) = _credited(Table.word(holder), coins, coinLane, points, pointLane);
            if (isFull) return Reason.LaneFull;
            uint256 day = Words.dayOf(run.asOf);
            reason = _count(channel, day, total);
            if (reason != Reason.None) return reason;
            Table.set(holder, word);
            run.heldIn += (coins << (64 * coinLane)) + (points << (64 * pointLane));
            _issues[digest] = uint160(channel) | (day << 160) | (coins << 184) | (points << 208);
            emit Transfer(address(0), Table.owner(holder), total);
            return Reason.None;
        }
    }

    /// @dev The lane that a part of a top-up goes to. A part of 0 goes nowhere, and is signed with the date 0.
    function _creditLane(Run memory run, uint256 amount, uint256 expiry) private pure returns (uint256, Reason) {
        if (amount == 0) return (0, expiry == 0 ? Reason.None : Reason.DateInvalid);
        uint256 lane = Words.laneOf(run.calendar, expiry);
        if (expiry == 0 || lane == Words.LANES) return (0, Reason.DateNotInCalendar);
        return (lane, expiry > run.asOf ? Reason.None : Reason.DatePassed);
    }

    /// @dev Coins, then points: they may fall into the same lane.
    function _credited(uint256 word, uint256 coins, uint256 coinLane, uint256 points, uint256 pointLane)
        private
        pure
        returns (uint256, bool isFull)
    {
        unchecked {
            (word, isFull) = Words.credit(word, coins << (24 * coinLane));
            if (isFull) return (word, true);
            return Words.credit(word, points << (24 * pointLane));
        }
    }

    /// @dev Counts an issue against the channel's allowance of the day and the cap of the period.
    function _count(address channel, uint256 day, uint256 total) private returns (Reason) {
        unchecked {
            uint256 used = _usedToday[channel][day] + total;
            if (used > (_signers[channel] >> Words.ALLOWANCE_AT) & Words.M64) return Reason.AllowanceExceeded;
            uint256 period = _period;
            if (((period >> 64) & Words.M64) + total > period & Words.M64) return Reason.CapExceeded;
            _usedToday[channel][day] = used;
            _period = period + (total << 64);
            return Reason.None;
        }
    }

    /// @dev 0B: cashier 20 · merchant 2 · amount 8 · payout 32 · nonceLow 2 · sig.
    function _redeem(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            address cashier = _address(at + 1);
            uint256 shop = Table.merchant(run, _read(at + 21, 2));
            uint256 amount = _read(at + 23, 8);
            (uint256 nonce, bool isInside) = _completed(cashier, _read(at + 63, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            bytes32 structHash = keccak256(abi.encode(REDEEM, Table.owner(shop), amount, _read(at + 31, 32), nonce));
            Reason reason = _one(run, cashier, nonce, Words.ROLE_CASHIER, structHash, at + 65);
            if (reason != Reason.None) return reason;
            return _burn(run, shop, amount);
        }
    }

    function _burn(Run memory run, uint256 shop, uint256 amount) private returns (Reason) {
        unchecked {
            uint256 word = Table.word(shop);
            if (word & Words.REGISTERED == 0) return Reason.MerchantNotRegistered;
            if (amount == 0) return Reason.AmountInvalid;
            if (word & Words.M64 < amount) return Reason.InsufficientRedeemable;
            Table.set(shop, word - amount);
            run.merchantsTotal -= amount;
            emit Transfer(Table.owner(shop), address(0), amount);
            return Reason.None;
        }
    }

    // ---------------------------------------------------------------- two signers: merchant, calendar, role

    /// @dev 11: account 2 · merchant 2 · replaced 2 · number 4 · status 1 · two.
    function _merchant(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 holder = Table.holder(run, _read(at + 1, 2));
            uint256 shop = Table.merchant(run, _read(at + 3, 2));
            address account = Table.owner(shop);
            if (Table.owner(holder) != account) revert WrongPosition(run.sequence);
            uint256 replaced = _replaced(run, _read(at + 5, 2));
            uint256 number = _read(at + 7, 4);
            uint256 status = _read(at + 11, 1);
            (uint256 nonce, bool isInside) = _completed(_address(at + 12), _read(at + 52, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            Reason reason = _two(run, at + 12, nonce, keccak256(abi.encode(MERCHANT, account, number, status, nonce)));
            if (reason != Reason.None) return reason;
            reason = _merchantRule(holder, shop, replaced, number, status);
            if (reason != Reason.None) return reason;
            _register(holder, shop, replaced, number, status);
            return Reason.None;
        }
    }

    /// @dev The entry of the shop that loses the number, or 0.
    function _replaced(Run memory run, uint256 position) private pure returns (uint256) {
        return position == NOBODY ? 0 : Table.merchant(run, position);
    }

    function _merchantRule(uint256 holder, uint256 shop, uint256 replaced, uint256 number, uint256 status)
        private
        view
        returns (Reason)
    {
        uint256 word = Table.word(shop);
        address current = _merchantOf[number];
        if (number == 0 || number > LAST_MERCHANT_NUMBER) return Reason.MerchantNumberInvalid;
        uint256 own = word >> Words.NUMBER_AT;
        if (own != 0 && own != number) return Reason.MerchantNumberInvalid;
        // the record must bring the word of the shop that holds the number now, and no other
        address expected = current == Table.owner(shop) ? address(0) : current;
        if (expected != (replaced == 0 ? address(0) : Table.owner(replaced))) return Reason.MerchantNumberInvalid;
        bool isFresh = Table.word(holder) & ~(Words.M12 << Words.VERSION_AT) == 0;
        if (word & Words.REGISTERED == 0 && !isFresh) return Reason.AddressInUse;
        if (status != STATUS_OPEN && status != STATUS_CLOSED) return Reason.StatusInvalid;
        return Reason.None;
    }

    function _register(uint256 holder, uint256 shop, uint256 replaced, uint256 number, uint256 status) private {
        uint256 flags = status == STATUS_CLOSED ? Words.REGISTERED | Words.CLOSED : Words.REGISTERED;
        Table.set(shop, (Table.word(shop) & ~Words.CLOSED) | flags | (number << Words.NUMBER_AT));
        Table.set(holder, Table.word(holder) | Words.HOLDER_IS_MERCHANT);
        address loser;
        if (replaced != 0) {
            loser = Table.owner(replaced);
            _moveBalance(replaced, shop);
        }
        _merchantOf[number] = Table.owner(shop);
        emit MerchantChanged(Table.owner(shop), number, status, loser);
    }

    /// @dev The old shop is closed for ever: its account keeps the merchant flag, so it can never register again.
    function _moveBalance(uint256 old, uint256 shop) private {
        unchecked {
            uint256 word = Table.word(old);
            uint256 balance = word & Words.M64;
            Table.set(old, ((word - balance) & ~Words.REGISTERED) | Words.CLOSED);
            Table.set(shop, Table.word(shop) + balance);
            if (balance != 0) emit Transfer(Table.owner(old), Table.owner(shop), balance);
        }
    }

    /// @dev 12: lane 1 · expiry 5 · two.
    function _openDate(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 lane = _read(at + 1, 1);
            uint256 expiry = _read(at + 2, 5);
            (uint256 nonce, bool isInside) = _completed(_address(at + 7), _read(at + 47, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            Reason reason = _two(run, at + 7, nonce, keccak256(abi.encode(CALENDAR, lane, expiry, nonce)));
            if (reason != Reason.None) return reason;
            reason = _dateRule(run, lane, expiry);
            if (reason != Reason.None) return reason;
            uint256 calendar = Words.opened(run.calendar, lane, expiry);
            _calendar = calendar;
            _dates[expiry] = Words.OPENED;
            run.calendar = calendar;
            run.live = Words.liveLanes(calendar, run.asOf);
            Table.refresh(run);
            emit CalendarChanged(lane, expiry, Words.versionOf(calendar));
            return Reason.None;
        }
    }

    function _dateRule(Run memory run, uint256 lane, uint256 expiry) private view returns (Reason) {
        unchecked {
            if (lane >= Words.LANES || (expiry + Words.JST_S) % Words.DAY_S != 0) return Reason.DateInvalid;
            if (_dates[expiry] & Words.OPENED != 0) return Reason.DateInvalid;
            if (Words.versionOf(run.calendar) == Words.M12) return Reason.DateInvalid;
            if (expiry <= run.asOf) return Reason.DatePassed;
            uint256 old = Words.expiryOf(run.calendar, lane);
            if (old == 0) return Reason.None;
            if (run.asOf < old + Words.WINDOW_S) return Reason.LaneOccupied;
            // sums of this batch are only of dates after asOf, so nothing of the old one waits in them
            return _dates[old] & Words.M64 == 0 ? Reason.None : Reason.LaneOccupied;
        }
    }

    /// @dev 13: expiry 5. No signature: time itself.
    function _expire(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 expiry = _read(at + 1, 5);
            uint256 word = _dates[expiry];
            if (word & Words.OPENED == 0) return Reason.DateNotInCalendar;
            if (run.asOf < expiry) return Reason.DateNotReached;
            // sums of this batch are only of dates after asOf, so nothing of this one waits in them
            uint256 held = word & Words.M64;
            _dates[expiry] = word - held + (held << 64);
            emit Expired(expiry, held);
            return Reason.None;
        }
    }

    /// @dev 14: account 20 · role 1 · allowance 8 · two.
    function _role(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            address account = _address(at + 1);
            uint256 role = _read(at + 21, 1);
            uint256 allowed = _read(at + 22, 8);
            (uint256 nonce, bool isInside) = _completed(_address(at + 30), _read(at + 70, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            Reason reason = _two(run, at + 30, nonce, keccak256(abi.encode(ROLE, account, role, allowed, nonce)));
            if (reason != Reason.None) return reason;
            if (role > Words.PERIOD_CAP || (account == address(0)) != (role > Words.ROLE_LAST)) {
                return Reason.RoleInvalid;
            }
            if (role == 0 && allowed != 0) return Reason.RoleInvalid;
            if (role <= Words.ROLE_LAST) _setRole(account, role, allowed);
            else if (role == Words.PERIOD_OPENS) _period = allowed | (Words.dayOf(run.asOf) << 128);
            else if (_period >> 128 == 0) return Reason.RoleInvalid; // no period is open
            else _period = ((_period >> 64) << 64) | allowed;
            emit SignerRoleChanged(account, role, allowed);
            return Reason.None;
        }
    }

    function _setRole(address account, uint256 role, uint256 allowed) internal {
        uint256 window = _signers[account] & ((1 << Words.ROLE_AT) - 1);
        _signers[account] = window | (role << Words.ROLE_AT) | (allowed << Words.ALLOWANCE_AT);
    }

    // ---------------------------------------------------------------- signers

    /// @dev Completes a signer's nonce from its low bits; false if it stands outside the window.
    function _completed(address signer, uint256 low) private view returns (uint256 nonce, bool isInside) {
        unchecked {
            uint256 base = _signers[signer] & Words.M32;
            uint256 offset = Words.offsetOf(low, base);
            nonce = base + offset;
            isInside = offset < Words.SIGNER_WINDOW && nonce <= LAST_SIGNER_NONCE;
        }
    }

    /// @dev One signer: signature, right, nonce; uses the nonce if signature and nonce are good, right or not.
    function _one(Run memory run, address signer, uint256 nonce, uint256 role, bytes32 structHash, uint256 at)
        private
        returns (Reason)
    {
        if (!Signatures.isBy(run, signer, structHash, at)) return Reason.SignatureInvalid;
        bool isAllowed = _roleOf(signer) == role;
        return _useSigned(signer, nonce, isAllowed);
    }

    /// @dev Two distinct staff over one message, with the nonce of the first: first 20 · second 20 · nonceLow 2 · sig · sig.
    function _two(Run memory run, uint256 at, uint256 nonce, bytes32 structHash) private returns (Reason) {
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

    // ---------------------------------------------------------------- sums, calldata, ladder

    /// @dev Writes what each lane's date gained and lost in this batch into the date's word.
    function _storeHeld(Run memory run) internal {
        unchecked {
            for (uint256 lane; lane < Words.LANES; ++lane) {
                uint256 gained = (run.heldIn >> (64 * lane)) & Words.M64;
                uint256 lost = (run.heldOut >> (64 * lane)) & Words.M64;
                if (gained | lost != 0) _dates[Words.expiryOf(run.calendar, lane)] += gained - lost;
            }
        }
    }

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

    function _lower(Reason first, Reason second) private pure returns (Reason) {
        if (first == Reason.None) return second;
        if (second == Reason.None) return first;
        return first < second ? first : second;
    }
}
