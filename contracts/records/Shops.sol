// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run, Table} from "../libraries/Run.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records of merchants: redeems and registrations (0B, 11)
/// @dev Decides when a merchant's value is burnt, which address has which merchant number, and what moves with a number.
abstract contract Shops is Handler {
    bytes32 private constant REDEEM =
        keccak256("Redeem(address cashier,address merchant,uint256 amount,bytes32 payout,uint256 nonce)");
    bytes32 private constant MERCHANT = keccak256(
        "Merchant(address account,uint256 number,uint256 status,bytes32 facts,address first,uint256 nonce)"
    );

    uint256 private constant NOBODY = 0xFFFF;
    uint256 private constant STATUS_OPEN = 1;
    uint256 private constant STATUS_CLOSED = 2;
    uint256 private constant LAST_MERCHANT_NUMBER = 999_999;

    /// @dev 0B: cashier 20 · merchant 2 · amount 8 · payout 32 · nonceLow 2 · sig.
    function _redeem(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            address cashier = _address(at + 1);
            uint256 shop = Table.merchant(run, _read(at + 21, 2));
            uint256 amount = _read(at + 23, 8);
            (uint256 nonce, bool isInside) = _completed(cashier, _read(at + 63, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            bytes32 structHash =
                keccak256(abi.encode(REDEEM, cashier, Table.owner(shop), amount, _read(at + 31, 32), nonce));
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

    /// @dev 11: account 2 · merchant 2 · replaced 2 · number 4 · status 1 · facts 32 · two. The facts are signed, not stored.
    function _merchant(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            uint256 holder = Table.holder(run, _read(at + 1, 2));
            uint256 shop = Table.merchant(run, _read(at + 3, 2));
            address account = Table.owner(shop);
            if (Table.owner(holder) != account) revert WrongPosition(run.sequence);
            uint256 replaced = _replaced(run, _read(at + 5, 2));
            uint256 number = _read(at + 7, 4);
            uint256 status = _read(at + 11, 1);
            address first = _address(at + 44);
            (uint256 nonce, bool isInside) = _completed(first, _read(at + 84, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            bytes32 structHash =
                keccak256(abi.encode(MERCHANT, account, number, status, _read(at + 12, 32), first, nonce));
            Reason reason = _two(run, at + 44, nonce, structHash);
            if (reason != Reason.None) return reason;
            reason = _merchantRule(holder, shop, replaced, number, status);
            if (reason != Reason.None) return reason;
            _register(holder, shop, replaced, number, status);
            return Reason.None;
        }
    }

    /// @dev The table entry of the shop that loses the number, or 0.
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
        // the record must contain the shop that has the number now, and no other
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
}
