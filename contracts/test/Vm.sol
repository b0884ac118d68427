// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What these tests ask of forge beyond the chain (https://getfoundry.sh/reference/cheatcodes)
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 second) external;
    function assume(bool condition) external pure;
}

/// @dev Where forge answers: the last 20 bytes of keccak256("hevm cheat code").
Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
