// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The stored words (`docs/formats.md` §1)
abstract contract Store {
    mapping(address account => uint256) internal _accounts;
    mapping(address merchant => uint256) internal _merchants;
    mapping(uint256 number => address) internal _merchantOf;
    mapping(uint256 expiry => uint256) internal _dates;
    mapping(bytes32 digest => uint256) internal _issues;
    mapping(address signer => uint256) internal _signers;
    mapping(address signer => mapping(uint256 day => uint256)) internal _usedToday;
    mapping(address payer => mapping(bytes32 nonce => bool)) internal _usedNonce;
    uint256 internal _calendar;
    uint256 internal _period;
    uint256 internal _journal;
    uint256 internal _settler;
    uint256 internal _pauser;
}
