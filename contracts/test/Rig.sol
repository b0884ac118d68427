// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BandaiCoin} from "../BandaiCoin.sol";
import {vm} from "./Vm.sol";

/// @title A town for the fuzzer: people, shops and signers with keys, and every record of this release, signed
/// @dev Knows the records from docs/formats.md, not from the contract. The table of each batch names everybody.
abstract contract Rig {
    uint256 internal constant MORNING = 2_542_060_800; // 2050-07-22 09:00 JST
    uint256 internal constant DAY = 86_400;
    uint256 internal constant PEOPLE = 4;
    uint256 internal constant SHOPS = 3;

    BandaiCoin internal coin;
    uint256 internal batchNo;
    uint256 internal sequence = 1;
    bytes internal table;
    /// @dev Everybody in the order of the table: people and shops as holders, then the shops as merchants.
    address[] internal holders;
    address[] internal merchants;
    mapping(address => uint256) internal keyOf;
    address internal channel;
    address internal cashier;
    address[] internal staff;

    function _deploy() internal {
        vm.warp(MORNING);
        for (uint256 i; i < PEOPLE; ++i) {
            _insert(holders, _person("person", i));
        }
        for (uint256 i; i < SHOPS; ++i) {
            _insert(holders, _person("shop", i));
            _insert(merchants, _person("shop", i));
        }
        (channel, cashier) = (_person("channel", 0), _person("cashier", 0));
        for (uint256 i; i < 3; ++i) {
            staff.push(_person("staff", i));
        }
        coin = new BandaiCoin("BandaiCoin 074071", address(this), address(this), staff);
        table = abi.encodePacked(uint16(holders.length), uint16(merchants.length));
        for (uint256 i; i < holders.length; ++i) {
            table = bytes.concat(table, bytes20(holders[i]));
        }
        for (uint256 i; i < merchants.length; ++i) {
            table = bytes.concat(table, bytes20(merchants[i]));
        }
    }

    function _person(string memory part, uint256 i) private returns (address account) {
        uint256 key = uint256(keccak256(abi.encode(part, i)));
        account = vm.addr(key);
        keyOf[account] = key;
    }

    function _insert(address[] storage list, address account) private {
        list.push(account);
        for (uint256 i = list.length - 1; i > 0 && list[i - 1] > list[i]; --i) {
            (list[i - 1], list[i]) = (list[i], list[i - 1]);
        }
    }

    // ---------------------------------------------------------------- settling

    /// @dev One batch as of now; returns a reason for each record. A revert is the test's failure.
    function _settle(bytes memory records, uint256 count) internal returns (bytes memory reasons) {
        reasons = coin.settle(++batchNo, sequence, block.timestamp, count, bytes.concat(table, records));
        sequence += count;
    }

    function _demand(bytes memory record) internal {
        require(_settle(record, 1)[0] == 0, "the town did not open");
    }

    // ---------------------------------------------------------------- records

    function _authorization(
        uint8 kind,
        uint256 from,
        uint256 to,
        uint24 amount,
        uint256 nonce,
        uint40 validAfter,
        uint40 validBefore
    ) internal view returns (bytes memory) {
        bool isSend = kind > 5;
        uint16 position = uint16(isSend ? to : holders.length + to);
        bytes memory signature = _sign(
            holders[from],
            abi.encode(
                keccak256(
                    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
                ),
                holders[from],
                isSend ? holders[to] : merchants[to],
                amount,
                validAfter,
                validBefore,
                nonce
            )
        );
        bytes memory head = abi.encodePacked(kind, uint16(from), position, amount);
        return kind & 1 == 0
            ? abi.encodePacked(head, uint16(nonce), uint24(validBefore - block.timestamp), signature)
            : abi.encodePacked(head, nonce, validAfter, validBefore, signature);
    }

    function _cancelRecord(uint256 from, uint256 nonce) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
        bytes memory signature = _sign(holders[from], abi.encode(typeHash, holders[from], nonce));
        return abi.encodePacked(uint8(0x0A), uint16(from), nonce, signature);
    }

    function _topUp(
        address signer,
        uint256 holder,
        uint24 coins,
        uint40 coinExpiry,
        uint24 points,
        uint40 pointExpiry,
        uint256 nonce
    ) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "TopUp(address channel,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,bytes32 reference,uint256 nonce)"
        );
        bytes32 slip = keccak256("slip");
        bytes memory signature = _sign(
            signer, abi.encode(typeHash, signer, holders[holder], coins, coinExpiry, points, pointExpiry, slip, nonce)
        );
        bytes memory head = abi.encodePacked(uint8(0x01), signer, uint16(holder), coins, coinExpiry, points);
        return abi.encodePacked(head, pointExpiry, slip, uint16(nonce), signature);
    }

    function _redeem(address signer, uint256 shop, uint64 amount, uint256 nonce)
        internal
        view
        returns (bytes memory)
    {
        bytes32 typeHash = keccak256(
            "Redeem(address cashier,address merchant,uint256 amount,bytes32 payout,uint256 nonce)"
        );
        bytes32 payout = keccak256("payout");
        bytes memory signature = _sign(signer, abi.encode(typeHash, signer, merchants[shop], amount, payout, nonce));
        uint16 position = uint16(holders.length + shop);
        return abi.encodePacked(uint8(0x0B), signer, position, amount, payout, uint16(nonce), signature);
    }

    function _merchant(uint256 shop, uint16 replaced, uint32 number, uint8 status, uint256 by)
        internal
        view
        returns (bytes memory)
    {
        bytes32 typeHash = keccak256(
            "Merchant(address account,uint256 number,uint256 status,bytes32 facts,address first,uint256 nonce)"
        );
        bytes memory message =
            abi.encode(typeHash, merchants[shop], number, status, typeHash, staff[by], _signersNonce(staff[by]));
        uint16 position = uint16(holders.length + shop);
        bytes memory head = abi.encodePacked(uint8(0x11), _holderOf(merchants[shop]), position, replaced, number);
        return bytes.concat(head, bytes1(status), typeHash, _two(by, message)); // any word will do for the facts
    }

    function _calendar(uint8 lane, uint40 expiry, uint256 by) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Calendar(uint256 lane,uint256 expiry,address first,uint256 nonce)");
        bytes memory message = abi.encode(typeHash, lane, expiry, staff[by], _signersNonce(staff[by]));
        return bytes.concat(abi.encodePacked(uint8(0x12), lane, expiry), _two(by, message));
    }

    function _role(address account, uint8 role, uint64 allowance, uint256 by) internal view returns (bytes memory) {
        bytes32 typeHash =
            keccak256("Role(address account,uint256 role,uint256 allowance,address first,uint256 nonce)");
        bytes memory message = abi.encode(typeHash, account, role, allowance, staff[by], _signersNonce(staff[by]));
        return bytes.concat(abi.encodePacked(uint8(0x14), account, role, allowance), _two(by, message));
    }

    /// @dev Signed by this member of staff and the next; the nonce is the lowest free one of the first.
    function _two(uint256 by, bytes memory message) private view returns (bytes memory) {
        (address first, address second) = (staff[by], staff[(by + 1) % staff.length]);
        uint16 low = uint16(_signersNonce(first));
        return abi.encodePacked(first, second, low, _sign(first, message), _sign(second, message));
    }

    function _sign(address signer, bytes memory message) private view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", coin.DOMAIN_SEPARATOR(), keccak256(message)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
        return abi.encodePacked(r, s | bytes32(uint256(v - 27) << 255));
    }

    // ---------------------------------------------------------------- reading

    function _holderOf(address account) internal view returns (uint16 position) {
        while (holders[position] != account) {
            ++position;
        }
    }

    function _signersNonce(address signer) internal view returns (uint256) {
        address[] memory one = new address[](1);
        one[0] = signer;
        return uint32(coin.signerWords(one)[0]);
    }

    function _holdersNonce(uint256 holder) internal view returns (uint256) {
        return uint24(coin.accountWords(holders)[holder] >> 112);
    }
}
