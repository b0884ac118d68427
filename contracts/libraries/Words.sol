// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The bits of the stored words (`docs/formats.md` §1), and pure functions of them
/// @dev Pure. Arithmetic is unchecked: every operand is a field that was masked to its width before, and any sum of fields
/// fits into 256 bits. Fields that grow (balances, totals) are u64: each unit in them came from a top-up of less than 2^25,
/// so that 2^39 top-ups would be needed to overflow one.
library Words {
    uint256 internal constant M12 = 0xFFF;
    uint256 internal constant M16 = 0xFFFF;
    uint256 internal constant M24 = 0xFFFFFF;
    uint256 internal constant M32 = 0xFFFFFFFF;
    uint256 internal constant M40 = 0xFFFFFFFFFF;
    uint256 internal constant M64 = 0xFFFFFFFFFFFFFFFF;
    uint256 internal constant M128 = (1 << 128) - 1;

    uint256 internal constant LANES = 4;
    uint256 internal constant DAY_S = 86_400;
    uint256 internal constant JST_S = 32_400;
    /// @dev 240 h: the longest time that a batch may wait, and the time before a lane can get another date.
    uint256 internal constant WINDOW_S = 864_000;

    // account: lanes 0–95, version 96–107, flags 108–111, nonce base 112–135, nonce map 136–255
    uint256 internal constant VERSION_AT = 96;
    uint256 internal constant HOLDER_IS_MERCHANT = 1 << 111;
    uint256 internal constant NONCE_AT = 112;
    uint256 internal constant MAP_AT = 136;
    uint256 internal constant HOLDER_WINDOW = 120;
    /// @dev The largest base is not a nonce, so that the base after every nonce fits into its field.
    uint256 internal constant LAST_HOLDER_NONCE = M24 - 1;

    // merchant: balance 0–63, nonce base 64–95, nonce map 96–223, flags 224–235, number 236–255
    uint256 internal constant REGISTERED = 1 << 224;
    uint256 internal constant CLOSED = 1 << 225;
    uint256 internal constant NUMBER_AT = 236;

    // calendar: expiries 0–159, replacedAt 160–207, order 208–215, version 216–227
    uint256 internal constant REPLACED_AT = 160;
    uint256 internal constant ORDER_AT = 208;
    uint256 internal constant CALENDAR_VERSION_AT = 216;
    /// @dev Four empty lanes in the order 0, 1, 2, 3.
    uint256 internal constant EMPTY_CALENDAR = 0xE4 << 208;

    // date: held 0–63, expired 64–127, opened 128
    uint256 internal constant OPENED = 1 << 128;

    // period: cap 0–63, issued 64–127, first day 128–151, staff 152–183
    uint256 internal constant FIRST_DAY_AT = 128;
    uint256 internal constant STAFF_AT = 152;
    /// @dev One alone can neither sign a record of two nor appoint another.
    uint256 internal constant MINIMUM_STAFF = 2;

    // signer: nonce base 0–31, nonce map 32–159, role 160–167, allowance 168–231
    uint256 internal constant SIGNER_WINDOW = 128;
    uint256 internal constant ROLE_AT = 160;
    uint256 internal constant ALLOWANCE_AT = 168;

    uint256 internal constant ROLE_STAFF = 1;
    uint256 internal constant ROLE_CHANNEL = 2;
    uint256 internal constant ROLE_CASHIER = 3;
    uint256 internal constant ROLE_LAST = 4;
    uint256 internal constant PERIOD_OPENS = 5;
    uint256 internal constant PERIOD_CAP = 6;

    /// @notice The JST day number of a second.
    function dayOf(uint256 second) internal pure returns (uint256) {
        unchecked {
            return (second + JST_S) / DAY_S;
        }
    }

    function expiryOf(uint256 calendar, uint256 lane) internal pure returns (uint256) {
        unchecked {
            return (calendar >> (40 * lane)) & M40;
        }
    }

    /// @notice The lane with this date, or LANES.
    function laneOf(uint256 calendar, uint256 expiry) internal pure returns (uint256 lane) {
        unchecked {
            while (lane < LANES && expiryOf(calendar, lane) != expiry) ++lane;
        }
    }

    function versionOf(uint256 calendar) internal pure returns (uint256) {
        return (calendar >> CALENDAR_VERSION_AT) & M12;
    }

    /// @notice The account word at the calendar's version: lanes replaced after its old version are zero.
    function refreshed(uint256 word, uint256 calendar) internal pure returns (uint256) {
        uint256 was = (word >> VERSION_AT) & M12;
        uint256 current = versionOf(calendar);
        if (was == current) return word;
        unchecked {
            for (uint256 lane; lane < LANES; ++lane) {
                if (((calendar >> (REPLACED_AT + 12 * lane)) & M12) > was) {
                    word &= ~(M24 << (24 * lane));
                }
            }
            return (word & ~(M12 << VERSION_AT)) | (current << VERSION_AT);
        }
    }

    /// @notice The lanes that can be spent at a second, nearest expiry first, as a list of 16-bit items from bit 0.
    /// @dev Item: 24 × lane in the low byte (a lane's shift in an account), 64 × lane + 1 in the high one (its shift in a
    /// sum per lane; the 1 distinguishes lane 0 from the end of the list).
    function liveLanes(uint256 calendar, uint256 second) internal pure returns (uint256 list) {
        unchecked {
            for (uint256 i = LANES; i != 0; --i) {
                uint256 lane = (calendar >> (ORDER_AT + 2 * (i - 1))) & 3;
                if (expiryOf(calendar, lane) > second) {
                    list = (list << 16) | (24 * lane) | ((64 * lane + 1) << 8);
                }
            }
        }
    }

    /// @notice Takes an amount out of an account, nearest expiry first.
    /// @return taken the amounts to subtract from the account's lanes
    /// @return perLane the same, 64 bits per lane
    /// @return missing the missing amount; if it is not 0, nothing may be taken
    function take(uint256 word, uint256 amount, uint256 list)
        internal
        pure
        returns (uint256 taken, uint256 perLane, uint256 missing)
    {
        unchecked {
            if (list == 0) return (0, 0, amount);
            // usually the nearest date is enough: the first round of the loop below, with nothing missing afterwards
            uint256 first = list & 0xFF;
            if ((word >> first) & M24 >= amount) return (amount << first, amount << ((list >> 8) & 0xC0), 0);
            missing = amount;
            while (list != 0) {
                uint256 shift = list & 0xFF;
                uint256 part = (word >> shift) & M24;
                if (part > missing) part = missing;
                taken |= part << shift;
                perLane |= part << ((list >> 8) & 0xC0);
                missing -= part;
                if (missing == 0) break;
                list >>= 16;
            }
        }
    }

    /// @notice Adds an amount per lane to an account, or returns that a lane would overflow.
    function credit(uint256 word, uint256 added) internal pure returns (uint256, bool isFull) {
        unchecked {
            for (uint256 shift; shift < 96; shift += 24) {
                uint256 sum = ((word >> shift) & M24) + ((added >> shift) & M24);
                if (sum > M24) return (word, true);
            }
            return (word + added, false);
        }
    }

    /// @notice The distance of a windowed nonce from its base, from its low 16 bits.
    function offsetOf(uint256 low, uint256 base) internal pure returns (uint256) {
        unchecked {
            return (low - base) & M16;
        }
    }

    /// @notice Whether a holder's nonce is outside every window.
    function isOutside(uint256 offset, uint256 nonce) internal pure returns (bool outside) {
        uint256 window = HOLDER_WINDOW;
        uint256 last = LAST_HOLDER_NONCE;
        assembly ("memory-safe") {
            outside := or(iszero(lt(offset, window)), gt(nonce, last))
        }
    }

    /// @notice The account word after the nonce at this offset was used.
    function useHolderNonce(uint256 word, uint256 offset) internal pure returns (uint256) {
        unchecked {
            // used in order, with no used nonce above the base: the base moves by one and the map stays empty
            if ((word >> MAP_AT) | offset == 0) return word + (1 << NONCE_AT);
            uint256 map = (word >> MAP_AT) | (1 << offset);
            uint256 run = _runOfOnes(map);
            uint256 base = ((word >> NONCE_AT) & M24) + run;
            return (word & ((1 << NONCE_AT) - 1)) | (base << NONCE_AT) | ((map >> run) << MAP_AT);
        }
    }

    /// @notice The signer word after the nonce at this offset was used.
    function useSignerNonce(uint256 word, uint256 offset) internal pure returns (uint256) {
        unchecked {
            uint256 map = ((word >> 32) & M128) | (1 << offset);
            uint256 run = _runOfOnes(map);
            return ((word >> ROLE_AT) << ROLE_AT) | ((map >> run) << 32) | ((word & M32) + run);
        }
    }

    /// @dev The number of ones at the end of a nonce map, at constant gas: a map is narrower than a word, so that some bit
    /// is zero; map + 1 turns the run of ones into a single one at the lowest zero, whose position is the length of the run.
    function _runOfOnes(uint256 map) private pure returns (uint256) {
        unchecked {
            return Math.log2(~map & (map + 1));
        }
    }

    /// @notice The calendar after a lane got a new date: the version is incremented and stored for the lane, and the order
    /// is sorted again.
    function opened(uint256 calendar, uint256 lane, uint256 expiry) internal pure returns (uint256 next) {
        unchecked {
            uint256 current = versionOf(calendar) + 1;
            uint256 replacedShift = REPLACED_AT + 12 * lane;
            next = calendar & ((1 << ORDER_AT) - 1);
            next &= ~((M40 << (40 * lane)) | (M12 << replacedShift));
            next |= (expiry << (40 * lane)) | (current << replacedShift);
            next |= orderOf(next) << ORDER_AT;
            next |= current << CALENDAR_VERSION_AT;
        }
    }

    /// @notice The lanes by ascending expiry, 2 bits each; equal ones (empty lanes) by their number.
    function orderOf(uint256 calendar) internal pure returns (uint256 order) {
        unchecked {
            for (uint256 lane; lane < LANES; ++lane) {
                uint256 rank;
                uint256 mine = expiryOf(calendar, lane);
                for (uint256 other; other < LANES; ++other) {
                    uint256 theirs = expiryOf(calendar, other);
                    if (theirs < mine || (theirs == mine && other < lane)) {
                        ++rank;
                    }
                }
                order |= lane << (2 * rank);
            }
        }
    }
}
