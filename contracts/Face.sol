// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IBandaiCoin} from "./interfaces/IBandaiCoin.sol";
import {Store} from "./Store.sol";
import {Words} from "./libraries/Words.sol";

/// @title The ERC-20 and EIP-3009 functions, and views of the stored words
/// @dev Only reads. Functions that would move value outside the journal revert for everybody.
abstract contract Face is Store, EIP712, IBandaiCoin {
    // ---------------------------------------------------------------- ERC-20

    function name() external view returns (string memory) {
        return _EIP712Name();
    }

    function symbol() external pure returns (string memory) {
        return "BANDAI";
    }

    function version() external view returns (string memory) {
        return _EIP712Version();
    }

    function decimals() external pure returns (uint8) {
        return 0;
    }

    function totalSupply() external view returns (uint256 supply) {
        uint256 second = viewTime();
        supply = _journal >> 136;
        for (uint256 lane; lane < Words.LANES; ++lane) {
            uint256 expiry = Words.expiryOf(_calendar, lane);
            if (expiry > second) supply += _dates[expiry] & Words.M64;
        }
    }

    function balanceOf(address account) external view returns (uint256 balance) {
        (, uint256[4] memory amounts) = balanceByExpiry(account);
        balance = _merchants[account] & Words.M64;
        for (uint256 lane; lane < Words.LANES; ++lane) {
            balance += amounts[lane];
        }
    }

    function balanceByExpiry(address account)
        public
        view
        returns (uint256[4] memory expiries, uint256[4] memory amounts)
    {
        uint256 word = Words.refreshed(_accounts[account], _calendar);
        uint256 second = viewTime();
        for (uint256 lane; lane < Words.LANES; ++lane) {
            expiries[lane] = Words.expiryOf(_calendar, lane);
            if (expiries[lane] > second) amounts[lane] = (word >> (24 * lane)) & Words.M24;
        }
    }

    function viewTime() public view returns (uint256) {
        uint256 lastAsOf = _journal & Words.M40;
        uint256 earliest = block.timestamp < Words.WINDOW_S ? 0 : block.timestamp - Words.WINDOW_S;
        return lastAsOf > earliest ? lastAsOf : earliest;
    }

    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    function transfer(address, uint256) external pure returns (bool) {
        revert OnlyThroughGateway();
    }

    function approve(address, uint256) external pure returns (bool) {
        revert OnlyThroughGateway();
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        revert OnlyThroughGateway();
    }

    // ---------------------------------------------------------------- EIP-3009

    function transferWithAuthorization(address, address, uint256, uint256, uint256, bytes32, uint8, bytes32, bytes32)
        external
        pure
    {
        revert OnlyThroughGateway();
    }

    function transferWithAuthorization(address, address, uint256, uint256, uint256, bytes32, bytes calldata)
        external
        pure
    {
        revert OnlyThroughGateway();
    }

    function receiveWithAuthorization(address, address, uint256, uint256, uint256, bytes32, uint8, bytes32, bytes32)
        external
        pure
    {
        revert OnlyThroughGateway();
    }

    function receiveWithAuthorization(address, address, uint256, uint256, uint256, bytes32, bytes calldata)
        external
        pure
    {
        revert OnlyThroughGateway();
    }

    function cancelAuthorization(address, bytes32, uint8, bytes32, bytes32) external pure {
        revert OnlyThroughGateway();
    }

    function cancelAuthorization(address, bytes32, bytes calldata) external pure {
        revert OnlyThroughGateway();
    }

    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        uint256 number = uint256(nonce);
        if (number > Words.M24) return _usedNonce[authorizer][nonce];
        uint256 word = _accounts[authorizer];
        uint256 base = (word >> Words.NONCE_AT) & Words.M24;
        if (number < base) return true;
        if (number - base >= Words.HOLDER_WINDOW) return false;
        return (word >> (Words.MAP_AT + number - base)) & 1 == 1;
    }

    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    // ---------------------------------------------------------------- words

    function accountWords(address[] calldata addresses) external view returns (uint256[] memory) {
        return _wordsOf(_accounts, addresses);
    }

    function merchantWords(address[] calldata addresses) external view returns (uint256[] memory) {
        return _wordsOf(_merchants, addresses);
    }

    function signerWords(address[] calldata addresses) external view returns (uint256[] memory) {
        return _wordsOf(_signers, addresses);
    }

    function dateTotals(uint40[] calldata expiries) external view returns (uint256[] memory words) {
        words = new uint256[](expiries.length);
        for (uint256 i; i < expiries.length; ++i) {
            words[i] = _dates[expiries[i]];
        }
    }

    function usedToday(address signer, uint256 day) external view returns (uint256) {
        return _usedToday[signer][day];
    }

    function issueWord(bytes32 digest) external view returns (uint256) {
        return _issues[digest];
    }

    function merchantOf(uint256 number) external view returns (address) {
        return _merchantOf[number];
    }

    function calendarWord() external view returns (uint256) {
        return _calendar;
    }

    function periodWord() external view returns (uint256) {
        return _period;
    }

    function journalWord() external view returns (uint256) {
        return _journal;
    }

    function _wordsOf(mapping(address => uint256) storage stored, address[] calldata addresses)
        private
        view
        returns (uint256[] memory words)
    {
        words = new uint256[](addresses.length);
        for (uint256 i; i < addresses.length; ++i) {
            words[i] = stored[addresses[i]];
        }
    }
}
