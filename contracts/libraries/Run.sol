// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBandaiCoin} from "../interfaces/IBandaiCoin.sol";
import {Words} from "./Words.sol";

/// @notice The state of one batch in memory: the table of words, and sums that are written once at the end.
/// @dev `message` is a buffer for the message of each payment: see `Signatures`.
struct Run {
    uint256 table;
    uint256 holders;
    uint256 merchants;
    uint256 asOf;
    uint256 calendar;
    uint256 live;
    uint256 heldIn;
    uint256 heldOut;
    uint256 merchantsTotal;
    uint256 message;
    uint256 sequence;
}

/// @title The memory table of a batch: one entry of three words (address, word, storage slot) per address
/// @dev An entry is identified by its memory address. Words are loaded once and written once; a table that is not strictly
/// ascending would hold two copies of one account, and is refused. Therefore address zero cannot be in it.
library Table {
    uint256 private constant ENTRY = 0x60;

    /// @notice Reads the table at the start of the data and loads its words; returns the position of the first record.
    function load(
        Run memory run,
        bytes calldata data,
        mapping(address => uint256) storage accounts,
        mapping(address => uint256) storage merchants
    ) internal view returns (uint256 cursor) {
        unchecked {
            if (data.length < 4) revert IBandaiCoin.DataShort(run.sequence);
            run.holders = uint16(bytes2(data[0:2]));
            run.merchants = uint16(bytes2(data[2:4]));
            uint256 positions = run.holders + run.merchants;
            uint256 size = 4 + 20 * positions;
            if (data.length < size) revert IBandaiCoin.DataShort(run.sequence);
            run.table = _allocate(positions);
            uint256 start;
            assembly ("memory-safe") {
                start := add(data.offset, 4)
                cursor := add(data.offset, size)
            }
            _loadPart(run, start, 0, run.holders, _slot(accounts));
            _loadPart(run, start, run.holders, positions, _slot(merchants));
            refresh(run);
        }
    }

    /// @notice Writes every word of the table back, except words that are zero apart from the version: an address that is
    /// only in the table gets no storage.
    function store(Run memory run) internal {
        uint256 table = run.table;
        uint256 holders = run.holders;
        uint256 merchants = run.merchants;
        uint256 content = ~(Words.M12 << Words.VERSION_AT);
        assembly ("memory-safe") {
            let middle := add(table, mul(holders, ENTRY))
            let end := add(middle, mul(merchants, ENTRY))
            for { let entry := table } lt(entry, middle) { entry := add(entry, ENTRY) } {
                let slot := mload(add(entry, 0x40))
                let value := mload(add(entry, 0x20))
                if iszero(and(value, content)) {
                    if iszero(and(sload(slot), content)) { continue }
                }
                sstore(slot, value)
            }
            for { let entry := middle } lt(entry, end) { entry := add(entry, ENTRY) } {
                sstore(mload(add(entry, 0x40)), mload(add(entry, 0x20)))
            }
        }
    }

    /// @notice Brings the holders' words to the calendar's version.
    function refresh(Run memory run) internal pure {
        unchecked {
            for (uint256 i; i < run.holders; ++i) {
                uint256 entry = run.table + i * ENTRY;
                set(entry, Words.refreshed(word(entry), run.calendar));
            }
        }
    }

    function holder(Run memory run, uint256 position) internal pure returns (uint256) {
        if (position >= run.holders) revert IBandaiCoin.WrongPosition(run.sequence);
        unchecked {
            return run.table + position * ENTRY;
        }
    }

    function merchant(Run memory run, uint256 position) internal pure returns (uint256) {
        unchecked {
            // a holder's position wraps to a number above any count
            if (position - run.holders >= run.merchants) revert IBandaiCoin.WrongPosition(run.sequence);
            return run.table + position * ENTRY;
        }
    }

    function owner(uint256 entry) internal pure returns (address account) {
        assembly ("memory-safe") {
            account := mload(entry)
        }
    }

    function word(uint256 entry) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(entry, 0x20))
        }
    }

    function set(uint256 entry, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(entry, 0x20), value)
        }
    }

    function _allocate(uint256 positions) private pure returns (uint256 table) {
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, mul(positions, ENTRY)))
        }
    }

    function _slot(mapping(address => uint256) storage words) private pure returns (uint256 slot) {
        assembly ("memory-safe") {
            slot := words.slot
        }
    }

    function _loadPart(Run memory run, uint256 start, uint256 from, uint256 to, uint256 slot) private view {
        unchecked {
            uint256 previous;
            for (uint256 i = from; i < to; ++i) {
                uint256 account;
                assembly ("memory-safe") {
                    account := shr(96, calldataload(add(start, mul(i, 20))))
                }
                if (account <= previous) revert IBandaiCoin.TableNotAscending(i);
                previous = account;
                _loadEntry(run.table + i * ENTRY, account, slot);
            }
        }
    }

    function _loadEntry(uint256 entry, uint256 account, uint256 mappingSlot) private view {
        assembly ("memory-safe") {
            // where Solidity keeps mapping[account]: keccak256(account ‖ slot of the mapping)
            mstore(0x00, account)
            mstore(0x20, mappingSlot)
            let slot := keccak256(0x00, 0x40)
            mstore(entry, account)
            mstore(add(entry, 0x20), sload(slot))
            mstore(add(entry, 0x40), slot)
        }
    }
}
