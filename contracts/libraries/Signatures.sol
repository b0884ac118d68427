// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Run} from "./Run.sol";

/// @title EIP-712 digests and compact signatures (EIP-2098) out of calldata
/// @dev Only low s is valid (EIP-2), so that there is no second form of a signature. A failed ecrecover returns no data; the
/// size of the returned data shows it. A caller cannot make only the precompile run out of gas: if 63/64 of the gas are less
/// than 3,000, less than 48 are left afterwards, and the whole batch reverts.
library Signatures {
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    bytes32 internal constant TRANSFER_WITH_AUTHORIZATION = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    // The buffer `run.message`, prepared once per batch:
    //   0x000 type hash, from, to, value, validAfter, validBefore, nonce     the message of a payment
    //   0x0e0 0x1901 (its last two bytes), domain separator, struct hash     hashed from 0x0fe, 66 bytes
    //   0x140 digest, v, r, s                                                the input of ecrecover
    uint256 private constant BUFFER = 0x1c0;

    function prepare(Run memory run, bytes32 domain) internal pure {
        bytes32 typeHash = TRANSFER_WITH_AUTHORIZATION;
        uint256 buffer;
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, BUFFER))
            mstore(buffer, typeHash)
            mstore(add(buffer, 0xe0), 0x1901)
            mstore(add(buffer, 0x100), domain)
        }
        run.message = buffer;
    }

    /// @notice Whether the compact signature at this position in the calldata is the payer's, over
    /// TransferWithAuthorization between two entries of the table.
    /// @dev One assembly block, to save gas for every payment: message, digest and recovery as in `digest` and `isBy`.
    function isPayers(
        Run memory run,
        uint256 from,
        uint256 to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        uint256 nonce,
        uint256 at
    ) internal view returns (bool good) {
        uint256 buffer = run.message;
        assembly ("memory-safe") {
            let payer := mload(from)
            mstore(add(buffer, 0x20), payer)
            mstore(add(buffer, 0x40), mload(to))
            mstore(add(buffer, 0x60), value)
            mstore(add(buffer, 0x80), validAfter)
            mstore(add(buffer, 0xa0), validBefore)
            mstore(add(buffer, 0xc0), nonce)
            mstore(add(buffer, 0x120), keccak256(buffer, 0xe0))
            mstore(add(buffer, 0x140), keccak256(add(buffer, 0xfe), 0x42))
            let last := calldataload(add(at, 0x20))
            let s := shr(1, shl(1, last))
            mstore(add(buffer, 0x160), add(27, shr(255, last)))
            mstore(add(buffer, 0x180), calldataload(at))
            mstore(add(buffer, 0x1a0), s)
            pop(staticcall(gas(), 1, add(buffer, 0x140), 0x80, 0x00, 0x20))
            good := and(and(eq(returndatasize(), 0x20), eq(mload(0x00), payer)), iszero(gt(s, HALF_ORDER)))
        }
    }

    function digest(Run memory run, bytes32 structHash) internal pure returns (bytes32 hash) {
        uint256 buffer = run.message;
        assembly ("memory-safe") {
            mstore(add(buffer, 0x120), structHash)
            hash := keccak256(add(buffer, 0xfe), 0x42)
        }
    }

    /// @notice Whether the compact signature at this position in the calldata is the signer's, over this struct hash.
    function isBy(Run memory run, address signer, bytes32 structHash, uint256 at) internal view returns (bool good) {
        bytes32 hash = digest(run, structHash);
        uint256 buffer = run.message;
        assembly ("memory-safe") {
            let s := calldataload(add(at, 0x20))
            mstore(add(buffer, 0x140), hash)
            mstore(add(buffer, 0x160), add(27, shr(255, s)))
            mstore(add(buffer, 0x180), calldataload(at))
            s := shr(1, shl(1, s))
            mstore(add(buffer, 0x1a0), s)
            if iszero(gt(s, HALF_ORDER)) {
                pop(staticcall(gas(), 1, add(buffer, 0x140), 0x80, 0x00, 0x20))
                good := and(eq(returndatasize(), 0x20), eq(mload(0x00), signer))
            }
        }
    }
}
