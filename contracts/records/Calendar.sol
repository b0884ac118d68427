// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run, Table} from "../libraries/Run.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records of expiry dates (12, 13), and what is held under each
/// @dev Decides when a date opens in a lane and when its value expires, and adds a batch's sums to the dates.
abstract contract Calendar is Handler {
    bytes32 private constant CALENDAR =
        keccak256("Calendar(uint256 lane,uint256 expiry,address first,uint256 nonce)");

    /// @dev 12: lane 1 · expiry 5 · two.
    function _openDate(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 lane = _read(at + 1, 1);
            uint256 expiry = _read(at + 2, 5);
            address first = _address(at + 7);
            (uint256 nonce, bool isInside) = _completed(first, _read(at + 47, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            Reason reason = _two(run, at + 7, nonce, keccak256(abi.encode(CALENDAR, lane, expiry, first, nonce)));
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
            // the sums of this batch are only for dates after asOf, so they contain nothing for the old date
            return _dates[old] & Words.M64 == 0 ? Reason.None : Reason.LaneOccupied;
        }
    }

    /// @dev 13: expiry 5. No signature.
    function _expire(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 expiry = _read(at + 1, 5);
            uint256 word = _dates[expiry];
            if (word & Words.OPENED == 0) return Reason.DateNotInCalendar;
            if (run.asOf < expiry) return Reason.DateNotReached;
            // the sums of this batch are only for dates after asOf, so they contain nothing for this date
            uint256 held = word & Words.M64;
            _dates[expiry] = word - held + (held << 64);
            emit Expired(expiry, held);
            return Reason.None;
        }
    }

    /// @dev Adds the gains and losses of each lane in this batch to the word of its date.
    function _storeHeld(Run memory run) internal {
        unchecked {
            for (uint256 lane; lane < Words.LANES; ++lane) {
                uint256 gained = (run.heldIn >> (64 * lane)) & Words.M64;
                uint256 lost = (run.heldOut >> (64 * lane)) & Words.M64;
                if (gained | lost != 0) _dates[Words.expiryOf(run.calendar, lane)] += gained - lost;
            }
        }
    }
}
