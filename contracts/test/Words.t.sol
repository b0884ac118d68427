// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Words} from "../libraries/Words.sol";
import {vm} from "./Vm.sol";

/// @title The arithmetic of the stored words against the slowest way of saying the same
/// @dev A lane, a bit and a date at a time, in checked arithmetic: what is packed and unchecked must agree for any word.
contract WordsTest {
    function testFuzz_aHoldersNonceIsUsedAndTheBaseMovesOverTheRunOfOnes(uint256 word, uint256 offset) external pure {
        offset %= Words.HOLDER_WINDOW;
        uint256 base = uint24(word >> Words.NONCE_AT);
        vm.assume(!_bit(word, Words.MAP_AT + offset) && base + offset <= Words.LAST_HOLDER_NONCE);
        vm.assume(!_bit(word, Words.MAP_AT)); // the base never stands on a used nonce
        (uint256 wantedBase, uint256 wantedMap) = _used(base, word >> Words.MAP_AT, offset);
        vm.assume(wantedBase <= Words.M24); // a map with bits above the last nonce is none that could be stored

        uint256 next = Words.useHolderNonce(word, offset);

        require(uint24(next >> Words.NONCE_AT) == wantedBase, "base");
        require(next >> Words.MAP_AT == wantedMap, "map");
        require(uint112(next) == uint112(word), "lanes, version and flags");
    }

    function testFuzz_aSignersNonceIsUsedAndItsRightStays(uint256 word, uint256 offset) external pure {
        offset %= Words.SIGNER_WINDOW;
        uint256 base = uint32(word);
        uint256 map = uint128(word >> 32);
        vm.assume(!_bit(map, offset) && map & 1 == 0);
        (uint256 wantedBase, uint256 wantedMap) = _used(base, map, offset);
        vm.assume(wantedBase <= Words.M32);

        uint256 next = Words.useSignerNonce(word, offset);

        require(uint32(next) == wantedBase, "base");
        require(uint128(next >> 32) == wantedMap, "map");
        require(next >> Words.ROLE_AT == word >> Words.ROLE_AT, "role and allowance");
    }

    function testFuzz_valueIsTakenNearestDateFirstAndOnlyFromLiveLanes(
        uint96 lanes,
        uint40[4] calldata expiries,
        uint40 second,
        uint24 amount
    ) external pure {
        uint256 calendar = _calendar(expiries);

        (uint256 taken, uint256 perLane, uint256 missing) =
            Words.take(lanes, amount, Words.liveLanes(calendar, second));

        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            uint256 part = uint24(taken >> (24 * i));
            require(part <= uint24(lanes >> (24 * i)), "more than the lane holds");
            require(part == 0 || expiries[i] > second, "a date that has passed pays");
            if (missing == 0) require(part == uint64(perLane >> (64 * i)), "the two forms differ");
            sum += part;
            for (uint256 j; part != 0 && j < 4; ++j) {
                bool isNearer = expiries[j] > second && expiries[j] < expiries[i];
                bool isEmptied = uint24(taken >> (24 * j)) == uint24(lanes >> (24 * j));
                require(!isNearer || isEmptied, "a later date paid before a nearer one was empty");
            }
        }
        require(missing == amount - (missing == 0 ? amount : _liveSum(lanes, expiries, second)), "missing");
        require(missing != 0 || sum == amount, "sum");
    }

    function testFuzz_aCreditAddsEveryLaneOrNone(uint256 word, uint96 added) external pure {
        (uint256 next, bool isFull) = Words.credit(word, added);

        bool isAnyFull;
        for (uint256 i; i < 4; ++i) {
            uint256 sum = uint256(uint24(word >> (24 * i))) + uint24(added >> (24 * i));
            isAnyFull = isAnyFull || sum > type(uint24).max;
            require(isFull || uint24(next >> (24 * i)) == sum, "lane");
        }
        require(isFull == isAnyFull, "full");
        require(next >> 96 == word >> 96 && (!isFull || next == word), "the rest of the word");
    }

    function testFuzz_anOpenedDateStampsItsLaneOnlyAndSortsTheOrder(
        uint40[4] calldata expiries,
        uint256 lane,
        uint40 expiry
    ) external pure {
        lane %= 4;
        uint256 calendar = _calendar(expiries);
        uint256 next = Words.opened(calendar, lane, expiry);

        require(Words.versionOf(next) == Words.versionOf(calendar) + 1, "version");
        uint256 last;
        uint256 seen;
        for (uint256 i; i < 4; ++i) {
            require(Words.expiryOf(next, i) == (i == lane ? expiry : expiries[i]), "expiry");
            uint256 replaced = (next >> (Words.REPLACED_AT + 12 * i)) & Words.M12;
            uint256 before = (calendar >> (Words.REPLACED_AT + 12 * i)) & Words.M12;
            require(replaced == (i == lane ? Words.versionOf(next) : before), "replacedAt");
            uint256 ranked = (next >> (Words.ORDER_AT + 2 * i)) & 3;
            require(Words.expiryOf(next, ranked) >= last, "order");
            last = Words.expiryOf(next, ranked);
            seen |= 1 << ranked;
        }
        require(seen == 15, "a lane is missing in the order");
    }

    function testFuzz_aStaleLaneIsZeroAndAFreshOneStays(uint256 word, uint8 lane, uint256 version) external pure {
        lane %= 4;
        version = 1 + version % Words.M12;
        uint256 calendar = (version << Words.CALENDAR_VERSION_AT) | (version << (Words.REPLACED_AT + 12 * lane));
        uint256 was = (word >> Words.VERSION_AT) & Words.M12;
        vm.assume(was <= version);

        uint256 next = Words.refreshed(word, calendar);

        require((next >> Words.VERSION_AT) & Words.M12 == version, "version");
        for (uint256 i; i < 4; ++i) {
            uint256 wanted = i == lane && was < version ? 0 : uint24(word >> (24 * i));
            require(uint24(next >> (24 * i)) == wanted, "lane");
        }
        require(next >> 108 == word >> 108, "flags and nonces");
    }

    // ---------------------------------------------------------------- the slow way

    function _used(uint256 base, uint256 map, uint256 offset) private pure returns (uint256, uint256) {
        map |= 1 << offset;
        while (_bit(map, 0)) {
            map >>= 1;
            ++base;
        }
        return (base, map);
    }

    function _calendar(uint40[4] calldata expiries) private pure returns (uint256 calendar) {
        calendar = Words.EMPTY_CALENDAR;
        for (uint256 i; i < 4; ++i) {
            calendar = Words.opened(calendar, i, expiries[i]);
        }
    }

    function _liveSum(uint96 lanes, uint40[4] calldata expiries, uint40 second) private pure returns (uint256 sum) {
        for (uint256 i; i < 4; ++i) {
            if (expiries[i] > second) sum += uint24(lanes >> (24 * i));
        }
    }

    function _bit(uint256 word, uint256 place) private pure returns (bool) {
        return (word >> place) & 1 == 1;
    }
}
