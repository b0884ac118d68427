// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run, Table} from "../libraries/Run.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records that issue value: top-ups (01)
/// @dev Decides to which dates value is issued, and checks the channel's daily allowance and the period's cap.
abstract contract Issues is Handler {
    bytes32 private constant TOP_UP = keccak256(
        "TopUp(address channel,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,bytes32 reference,uint256 nonce)"
    );

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

    /// @dev The lane for a part of a top-up. A part of 0 has no lane, and is signed with date 0.
    function _creditLane(Run memory run, uint256 amount, uint256 expiry) private pure returns (uint256, Reason) {
        if (amount == 0) return (0, expiry == 0 ? Reason.None : Reason.DateInvalid);
        uint256 lane = Words.laneOf(run.calendar, expiry);
        if (expiry == 0 || lane == Words.LANES) return (0, Reason.DateNotInCalendar);
        return (lane, expiry > run.asOf ? Reason.None : Reason.DatePassed);
    }

    /// @dev Coins, then points: they may be in the same lane.
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

    function _lower(Reason first, Reason second) private pure returns (Reason) {
        if (first == Reason.None) return second;
        if (second == Reason.None) return first;
        return first < second ? first : second;
    }
}
