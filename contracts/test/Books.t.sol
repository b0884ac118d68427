// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Rig} from "./Rig.sol";
import {vm} from "./Vm.sol";

/// @title Any order of signed records, with any values: no call reverts, and the sums hold after each (I-05)
contract BooksTest is Rig {
    uint256 private redeemed;
    uint40[] private dates;
    mapping(uint40 => bool) private isEnded;

    function setUp() external {
        _deploy();
        _demand(_role(address(0), 5, 1 << 40, 0));
        _demand(_role(channel, 2, 1 << 30, 1));
        _demand(_role(cashier, 3, 0, 2));
        _open(0, uint40(MORNING + 3 * DAY - 9 hours));
        _open(1, uint40(MORNING + 15 * DAY - 9 hours));
        _open(2, uint40(MORNING + 40 * DAY - 9 hours));
        _demand(_merchant(0, 0xFFFF, 1, 1, 0));
        _demand(_merchant(1, 0xFFFF, 2, 1, 1));
        for (uint256 i; i < PEOPLE + SHOPS; ++i) {
            charge(i, 9_000_000, 1, i);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    // ---------------------------------------------------------------- moves of the fuzzer

    function charge(uint256 holder, uint24 coins, uint24 points, uint256 date) public {
        uint40 expiry = dates[date % dates.length];
        uint256 nonce = _signersNonce(channel);
        _play(_topUp(channel, holder % holders.length, coins, expiry, points, expiry, nonce));
    }

    function pay(uint256 from, uint256 shop, uint24 amount, uint256 nonce, uint24 life) external {
        _authorize(4, from, shop % SHOPS, amount, nonce, 0, life);
    }

    function payGeneral(uint256 from, uint256 shop, uint24 amount, uint256 nonce, uint8 start, uint24 life) external {
        _authorize(5, from, shop % SHOPS, amount, nonce, start, life);
    }

    function send(uint256 from, uint256 to, uint24 amount, uint256 nonce, uint24 life) external {
        _authorize(6, from, to % holders.length, amount, nonce, 0, life);
    }

    function sendGeneral(uint256 from, uint256 to, uint24 amount, uint256 nonce, uint8 start, uint24 life) external {
        _authorize(7, from, to % holders.length, amount, nonce, start, life);
    }

    function cancel(uint256 from, uint256 nonce, uint8 ahead) external {
        from %= holders.length;
        _play(_cancelRecord(from, ahead & 1 == 0 ? nonce : _holdersNonce(from) + ahead));
    }

    function redeem(uint256 shop, uint64 amount, bool isAll) external {
        shop %= SHOPS;
        uint64 balance = uint64(coin.merchantWords(merchants)[shop]);
        amount = isAll ? balance : amount;
        if (_play(_redeem(cashier, shop, amount, _signersNonce(cashier)))) redeemed += amount;
    }

    function changeMerchant(uint256 shop, uint256 replaced, uint32 number, uint8 status, uint256 by) external {
        (shop, number) = (shop % SHOPS, number % 4);
        uint16 position = _loser(shop, number);
        if (replaced & 7 == 0) position = uint16(holders.length + (replaced >> 3) % SHOPS);
        _play(_merchant(shop, position, number, status % 4, by % staff.length));
    }

    /// @dev A date, and in the same batch a charge under it: whoever still has something in its lane has it no more.
    function openDate(uint8 lane, uint8 days_, uint256 holder, uint256 by) external {
        uint40 expiry = uint40((block.timestamp + 9 hours) / DAY * DAY + uint256(days_ % 16) * DAY - 9 hours);
        bytes memory date = _calendar(lane % 5, expiry, by % staff.length);
        bytes memory slip = _topUp(channel, holder % holders.length, 1, expiry, 0, 0, _signersNonce(channel));
        if (_settle(bytes.concat(date, slip), 2)[0] == 0) dates.push(expiry);
    }

    function expire(uint256 date) external {
        date %= dates.length;
        if (_play(abi.encodePacked(uint8(0x13), dates[date]))) isEnded[dates[date]] = true;
    }

    function changeRole(uint8 role, uint64 allowance, uint256 by) external {
        bool isCap = role % 2 == 0;
        _play(_role(isCap ? address(0) : channel, isCap ? 6 : 2, allowance, by % staff.length));
    }

    function wait(uint32 seconds_) external {
        vm.warp(block.timestamp + seconds_ % (4 * DAY));
    }

    /// @dev Bytes that nobody signed, in records of the right length whose positions exist.
    function garbage(uint8 kind, bytes32 seed) external {
        uint8[11] memory kinds = [1, 4, 5, 6, 7, 0x0A, 0x0B, 0x11, 0x12, 0x13, 0x14];
        uint8[11] memory sizes = [137, 77, 114, 77, 114, 99, 129, 214, 177, 6, 200];
        uint256 i = kind % 11;
        bytes memory record = new bytes(sizes[i]);
        for (uint256 at; at < record.length; ++at) {
            record[at] = bytes1(uint8(uint256(keccak256(abi.encode(seed, at)))));
        }
        record[0] = bytes1(kinds[i]);
        _place(record, kinds[i], uint256(seed));
        require(!_play(record) || kinds[i] == 0x13, "unsigned bytes did something");
    }

    // ---------------------------------------------------------------- what always holds

    function invariant_valueIsConservedWhateverIsSettledInWhateverOrder() external view {
        _eachDateHoldsWhatItsLanesHold();
        _whatWasIssuedIsHeldOrExpiredOrAtShopsOrRedeemed();
        _theMerchantsTotalIsTheSumOfTheirBalances();
        _aShopHasNoLanesAndNoBaseStandsOnAUsedNonce();
        _everyRecordHasItsNumber();
        _nothingIsHeldUnderADateThatWasEnded();
        _aNumberAndItsShopNameEachOther();
    }

    function _eachDateHoldsWhatItsLanesHold() private view {
        uint256[] memory words = coin.accountWords(holders);
        uint256 calendar = coin.calendarWord();
        for (uint256 lane; lane < 4; ++lane) {
            uint40 expiry = uint40(calendar >> (40 * lane));
            if (expiry == 0 || expiry <= block.timestamp) continue;
            uint256 sum;
            for (uint256 i; i < words.length; ++i) {
                bool isStale = (calendar >> (160 + 12 * lane)) & 0xFFF > (words[i] >> 96) & 0xFFF;
                if (!isStale) sum += uint24(words[i] >> (24 * lane));
            }
            require(sum == uint64(_date(expiry)), "held differs from the lanes");
        }
    }

    function _whatWasIssuedIsHeldOrExpiredOrAtShopsOrRedeemed() private view {
        uint256 known = redeemed + (coin.journalWord() >> 136);
        for (uint256 i; i < dates.length; ++i) {
            uint256 word = _date(dates[i]);
            known += uint64(word) + uint64(word >> 64);
        }
        require(known == uint64(coin.periodWord() >> 64), "value appeared or was lost");
    }

    function _theMerchantsTotalIsTheSumOfTheirBalances() private view {
        uint256[] memory words = coin.merchantWords(merchants);
        uint256 sum;
        for (uint256 i; i < words.length; ++i) {
            sum += uint64(words[i]);
        }
        require(sum == coin.journalWord() >> 136, "merchants' total");
    }

    function _aShopHasNoLanesAndNoBaseStandsOnAUsedNonce() private view {
        uint256[] memory words = coin.accountWords(holders);
        for (uint256 i; i < words.length; ++i) {
            require((words[i] >> 111) & 1 == 0 || uint96(words[i]) == 0, "a shop holds lanes");
            require((words[i] >> 136) & 1 == 0, "the base stands on a used nonce");
        }
    }

    function _everyRecordHasItsNumber() private view {
        require(uint64(coin.journalWord() >> 72) == sequence, "next sequence");
        require(uint32(coin.journalWord() >> 40) == batchNo, "batch number");
    }

    function _nothingIsHeldUnderADateThatWasEnded() private view {
        for (uint256 i; i < dates.length; ++i) {
            require(!isEnded[dates[i]] || uint64(_date(dates[i])) == 0, "value under a date that was ended");
        }
    }

    function _aNumberAndItsShopNameEachOther() private view {
        uint256[] memory words = coin.merchantWords(merchants);
        for (uint256 i; i < words.length; ++i) {
            bool isRegistered = (words[i] >> 224) & 1 == 1;
            bool isNamed = coin.merchantOf(words[i] >> 236) == merchants[i];
            require(isRegistered == isNamed, "a number and its shop differ");
        }
    }

    // ---------------------------------------------------------------- helpers

    function _play(bytes memory record) private returns (bool isDone) {
        isDone = _settle(record, 1)[0] == 0;
    }

    /// @dev The nonce stands in the window or a little behind it, or in the table; half of the amounts are small.
    function _authorize(uint8 kind, uint256 from, uint256 to, uint24 amount, uint256 nonce, uint8 start, uint24 life)
        private
    {
        from %= holders.length;
        amount = amount & 1 == 0 ? amount : amount % 1_000;
        bool isWindowed = kind & 1 == 0 || nonce & 1 == 0;
        nonce = isWindowed ? (_holdersNonce(from) + (nonce >> 1) % 125) & 0xFFFFFF : (1 << 24) + (nonce >> 1) % 16;
        uint40 validAfter = kind & 1 == 0 ? 0 : uint40(block.timestamp - 3 + start % 4);
        _play(_authorization(kind, from, to, amount, nonce, validAfter, uint40(block.timestamp + life)));
    }

    function _open(uint8 lane, uint40 expiry) private {
        _demand(_calendar(lane, expiry, 0));
        dates.push(expiry);
    }

    /// @dev The position of the other shop that holds the number, or nobody's.
    function _loser(uint256 shop, uint256 number) private view returns (uint16) {
        address current = coin.merchantOf(number);
        for (uint256 i; i < SHOPS; ++i) {
            if (merchants[i] == current && i != shop) return uint16(holders.length + i);
        }
        return 0xFFFF;
    }

    function _date(uint40 expiry) private view returns (uint256) {
        uint40[] memory one = new uint40[](1);
        one[0] = expiry;
        return coin.dateTotals(one)[0];
    }

    /// @dev Overwrites the positions of a record with ones that exist, so that it is well framed.
    function _place(bytes memory record, uint8 kind, uint256 seed) private view {
        if (kind == 0x01) return _put(record, 21, seed % holders.length);
        if (kind == 0x0B) return _put(record, 21, holders.length + seed % SHOPS);
        if (kind == 0x0A) return _put(record, 1, seed % holders.length);
        if (kind == 0x11) {
            _put(record, 1, _holderOf(merchants[seed % SHOPS]));
            _put(record, 3, holders.length + seed % SHOPS);
            return _put(record, 5, seed % 2 == 0 ? 0xFFFF : holders.length + (seed >> 8) % SHOPS);
        }
        if (kind > 3 && kind < 8) {
            _put(record, 1, seed % holders.length);
            _put(record, 3, kind > 5 ? (seed >> 8) % holders.length : holders.length + (seed >> 8) % SHOPS);
        }
    }

    function _put(bytes memory record, uint256 at, uint256 position) private pure {
        record[at] = bytes1(uint8(position >> 8));
        record[at + 1] = bytes1(uint8(position));
    }
}
