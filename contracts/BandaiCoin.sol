// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Face} from "./Face.sol";
import {IBandaiCoin} from "./interfaces/IBandaiCoin.sol";
import {Reason} from "./Reason.sol";
import {Run, Table} from "./libraries/Run.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Words} from "./libraries/Words.sol";
import {Calendar} from "./records/Calendar.sol";
import {Issues} from "./records/Issues.sol";
import {Payments} from "./records/Payments.sol";
import {Roles} from "./records/Roles.sol";
import {Shops} from "./records/Shops.sol";

/// @title BandaiCoin: replays a municipality's journal of signed operations
/// @notice The manual is `interfaces/IBandaiCoin.sol`.
/// @dev Decides: framing, order and time of batches, which kinds there are, and who may settle, pause and configure. The
/// effects of records are in `records/`. Settler and pauser can move no money, and two staff replace both (ADR 0032).
contract BandaiCoin is Face, Payments, Issues, Shops, Calendar, Roles {
    bytes32 private constant APPOINT =
        keccak256("Appoint(address settler,address pauser,uint256 pausedUntil,uint256 change)");
    bytes32 private constant LATE_BATCH =
        keccak256("LateBatch(uint256 batchNo,uint256 firstSequence,uint256 asOf,uint256 count,bytes32 dataHash)");

    uint256 private constant FIRST_SEQUENCE = 1;
    /// @dev 72 h: how long a pause lasts, and how long the pauser cannot pause again after its end.
    uint256 private constant PAUSE_S = 259_200;
    uint256 private constant UNTIL_AT = 160;
    uint256 private constant CHANGE_AT = 160;
    /// @dev Byte k is the length of a record of kind k; 0: no such kind in this release.
    ///                                          01    04 05 06 07     0A 0B          11 12 13 14
    uint256 private constant LENGTHS = uint256(0x0089_0000_4D72_4D72_0000_6381_0000_0000_00D6_B106_C8 << 88);
    uint256 private constant LAST_KIND = 0x14;

    /// @param name_ the EIP-712 and ERC-20 name, for example "BandaiCoin 074071"
    /// @param staff the first staff; everything later is a role record signed by two of them
    constructor(string memory name_, address settler, address pauser, address[] memory staff) EIP712(name_, "1") {
        if (staff.length < Words.MINIMUM_STAFF) revert InvalidConfiguration();
        _setOffices(settler, pauser, 0, 0);
        for (uint256 i; i < staff.length; ++i) {
            if (staff[i] == address(0) || _signers[staff[i]] != 0) revert InvalidConfiguration();
            _setRole(staff[i], Words.ROLE_STAFF, 0);
            emit SignerRoleChanged(staff[i], Words.ROLE_STAFF, 0);
        }
        _calendar = Words.EMPTY_CALENDAR;
        _journal = FIRST_SEQUENCE << 72;
    }

    function pause() external {
        unchecked {
            uint256 word = _pauser;
            if (address(uint160(word)) != msg.sender) revert NotAllowed();
            uint256 last = word >> UNTIL_AT;
            if (last != 0 && block.timestamp < last + PAUSE_S) revert PauseRests(last + PAUSE_S);
            uint256 until = block.timestamp + PAUSE_S;
            _pauser = uint160(word) | (until << UNTIL_AT);
            emit Paused(until);
        }
    }

    function appoint(address settler, address pauser, uint256 pausedUntil, bytes calldata approval) external {
        Run memory run;
        _begin(run);
        uint256 change = (_settler >> CHANGE_AT) + 1;
        _requireApproval(run, keccak256(abi.encode(APPOINT, settler, pauser, pausedUntil, change)), approval);
        _setOffices(settler, pauser, pausedUntil, change);
    }

    function officeWords() external view returns (uint256[2] memory) {
        return [_settler, _pauser];
    }

    function _setOffices(address settler, address pauser, uint256 pausedUntil, uint256 change) private {
        if (settler == address(0) || pauser == address(0) || pausedUntil > Words.M40) revert InvalidConfiguration();
        _settler = uint160(settler) | (change << CHANGE_AT);
        _pauser = uint160(pauser) | (pausedUntil << UNTIL_AT);
        emit Appointed(settler, pauser, pausedUntil, change);
    }

    function _requireSettler() private view {
        if (address(uint160(_settler)) != msg.sender) revert NotAllowed();
        uint256 until = _pauser >> UNTIL_AT;
        if (block.timestamp < until) revert SettlementPaused(until);
    }

    function settle(uint256 batchNo, uint256 firstSequence, uint256 asOf, uint256 count, bytes calldata data)
        external
        returns (bytes memory)
    {
        _requireSettler();
        unchecked {
            uint256 lastAsOf = _journal & Words.M40;
            // asOf is at most the block's time before the window is added, so the sum cannot wrap
            if (asOf > block.timestamp || block.timestamp > asOf + Words.WINDOW_S) {
                revert WrongTime(lastAsOf, asOf, block.timestamp);
            }
        }
        Run memory run;
        _begin(run);
        return _replay(run, batchNo, firstSequence, asOf, count, data);
    }

    function settleLate(
        uint256 batchNo,
        uint256 firstSequence,
        uint256 asOf,
        uint256 count,
        bytes calldata data,
        bytes calldata approval
    ) external returns (bytes memory) {
        _requireSettler();
        if (asOf > block.timestamp) {
            revert WrongTime(_journal & Words.M40, asOf, block.timestamp);
        }
        Run memory run;
        _begin(run);
        bytes32 structHash = keccak256(abi.encode(LATE_BATCH, batchNo, firstSequence, asOf, count, keccak256(data)));
        _requireApproval(run, structHash, approval);
        return _replay(run, batchNo, firstSequence, asOf, count, data);
    }

    function _begin(Run memory run) private view {
        Signatures.prepare(run, _domainSeparatorV4());
    }

    function _requireApproval(Run memory run, bytes32 structHash, bytes calldata approval) private view {
        uint256 at;
        assembly ("memory-safe") {
            at := approval.offset
        }
        bool isApproved = approval.length == 168 && _areStaff(at);
        if (!isApproved || !_bothSigned(run, structHash, at, at + 40)) revert NotApproved();
    }

    function _replay(
        Run memory run,
        uint256 batchNo,
        uint256 firstSequence,
        uint256 asOf,
        uint256 count,
        bytes calldata data
    ) private returns (bytes memory reasons) {
        _open(run, batchNo, firstSequence, asOf);
        uint256 cursor = Table.load(run, data, _accounts, _merchants);
        // no record is shorter than a byte: checked before memory is allocated for an impossible count
        if (count > data.length) revert DataShort(firstSequence);
        reasons = new bytes(count);
        _play(run, cursor, data, reasons);
        _close(run, batchNo);
        emit Settled(batchNo, firstSequence, count, asOf, keccak256(data));
    }

    /// @dev Checks that this is the next batch, and reads the data that all records share.
    function _open(Run memory run, uint256 batchNo, uint256 firstSequence, uint256 asOf) private view {
        unchecked {
            uint256 journal = _journal;
            uint256 nextBatch = ((journal >> 40) & Words.M32) + 1;
            uint256 nextSequence = (journal >> 72) & Words.M64;
            if (batchNo != nextBatch || batchNo > Words.M32) revert WrongBatch(nextBatch, batchNo);
            if (firstSequence != nextSequence) revert WrongSequence(nextSequence, firstSequence);
            if (asOf < journal & Words.M40) revert WrongTime(journal & Words.M40, asOf, block.timestamp);
            run.asOf = asOf;
            run.sequence = firstSequence;
            run.merchantsTotal = journal >> 136;
            run.calendar = _calendar;
            run.live = Words.liveLanes(run.calendar, asOf);
        }
    }

    /// @dev Replays the records one by one. Handlers keep nothing in new memory, so that the free memory pointer is reset
    /// for each: otherwise memory would grow with every hashed message, and its gas with the square of that.
    function _play(Run memory run, uint256 cursor, bytes calldata data, bytes memory reasons) private {
        unchecked {
            uint256 end;
            uint256 free;
            assembly ("memory-safe") {
                end := add(data.offset, data.length)
                free := mload(0x40)
            }
            uint256 count = reasons.length;
            for (uint256 i; i < count; ++i) {
                uint256 kind = _read(cursor, 1);
                uint256 next = cursor + _lengthOf(kind);
                if (next > end) revert DataShort(run.sequence);
                Reason reason = _dispatch(run, kind, cursor, end);
                if (reason != Reason.None) _skip(run, kind, reason, reasons, i);
                ++run.sequence;
                cursor = next;
                assembly ("memory-safe") {
                    mstore(0x40, free)
                }
            }
            if (cursor != end) revert DataSurplus(end - cursor);
        }
    }

    function _skip(Run memory run, uint256 kind, Reason reason, bytes memory reasons, uint256 i) private {
        reasons[i] = bytes1(uint8(reason));
        emit Skipped(uint64(run.sequence), uint8(kind), reason);
    }

    function _lengthOf(uint256 kind) private pure returns (uint256 size) {
        uint256 lengths = LENGTHS;
        assembly ("memory-safe") {
            size := byte(kind, lengths)
        }
    }

    function _dispatch(Run memory run, uint256 kind, uint256 at, uint256 end) private returns (Reason) {
        if (kind == 0x04) return _packed(run, at, false);
        if (kind == 0x06) return _packed(run, at, true);
        if (kind == 0x05) return _general(run, at, false);
        if (kind == 0x07) return _general(run, at, true);
        if (kind == 0x01) return _topUp(run, at);
        if (kind == 0x0A) return _cancel(run, at);
        if (kind == 0x0B) return _redeem(run, at);
        if (kind == 0x11) return _merchant(run, at);
        if (kind == 0x12) return _openDate(run, at);
        if (kind == 0x13) return _expire(run, at);
        if (kind == 0x14) return _role(run, at);
        // an unknown kind has length 0 and so passed the check above, even at the end
        if (at == end) revert DataShort(run.sequence);
        revert UnknownKind(run.sequence, kind);
    }

    function _close(Run memory run, uint256 batchNo) private {
        Table.store(run);
        _storeHeld(run);
        _journal = run.asOf | (batchNo << 40) | (run.sequence << 72) | (run.merchantsTotal << 136);
    }
}
