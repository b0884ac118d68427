// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";

/// @title The manual of BandaiCoin: a municipality's prepaid currency, replayed from signed operations
/// @notice 1 unit = 1 yen, 0 decimals. Value has an expiry date and cannot be spent afterwards. Everything that moves money
/// is a record with the signature of the key that has the authority for it, settled in journal order. The settler orders
/// records and pays the gas; it cannot mint, move or redeem value, or change an amount or a payee.
/// @dev Bytes, words and rules: `docs/formats.md`. Externally owned accounts only, ECDSA with low s.
interface IBandaiCoin {
    // ---------------------------------------------------------------- events

    /// @notice ERC-20: value moved. From zero: a top-up, coins and points together; to zero: a redeem.
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// @notice ERC-20: never emitted, there are no allowances.
    event Approval(address indexed owner, address indexed spender, uint256 value);
    /// @notice EIP-3009: the nonce was used up without a payment. AuthorizationUsed is not emitted, which saves a fifth of a
    /// payment's gas: `Transfer` has the amount, and `authorizationState` shows that the nonce is used.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);
    /// @notice A record failed a rule and changed nothing, except that its nonce is used if signature and nonce were valid.
    event Skipped(uint64 indexed sequence, uint8 kind, Reason reason);
    /// @notice A batch was replayed; `dataHash` is the keccak-256 of its `data`.
    event Settled(uint256 indexed batchNo, uint256 firstSequence, uint256 count, uint256 asOf, bytes32 dataHash);
    /// @notice A merchant was registered, opened or closed. If `replaced` is not zero, that address lost the number, and its
    /// balance moved to `account` (a `Transfer` has the amount).
    event MerchantChanged(address indexed account, uint256 indexed number, uint256 status, address replaced);
    /// @notice An expiry date was opened in a lane of the calendar, which now has this version.
    event CalendarChanged(uint256 lane, uint256 indexed expiry, uint256 version);
    /// @notice The value under a date that has passed was moved to the date's expired total.
    event Expired(uint256 indexed expiry, uint256 amount);
    /// @notice The right of a signer changed (roles 0 to 4), or the cap of the period (5 opens one, 6 changes it).
    event SignerRoleChanged(address indexed account, uint256 indexed role, uint256 allowance);

    /// @notice The pauser has stopped settlement until this second.
    event Paused(uint256 until);
    /// @notice Two staff have named settler and pauser, and until when settlement stands still (0: it goes on at once).
    event Appointed(address indexed settler, address indexed pauser, uint256 pausedUntil, uint256 change);

    // ---------------------------------------------------------------- errors

    /// @notice Value moves only by settled records. DANGER otherwise: after a payment was accepted in a shop, the payer
    /// could move the value away before the payment is settled.
    error OnlyThroughGateway();
    /// @notice A zero address, fewer than two staff, a staff member named twice, or a pause until 2^40 or later.
    error InvalidConfiguration();
    /// @notice The caller does not hold the office that this needs.
    error NotAllowed();
    /// @notice Settlement stands still until this second, or until two staff end the pause before.
    error SettlementPaused(uint256 until);
    /// @notice The pauser has paused before, and can again from this second on.
    error PauseRests(uint256 from);
    /// @notice The batch is not the next one.
    error WrongBatch(uint256 expected, uint256 given);
    /// @notice The first record is not the next one of the journal.
    error WrongSequence(uint256 expected, uint256 given);
    /// @notice Violates last asOf ≤ asOf ≤ block time ≤ asOf + 240 h.
    error WrongTime(uint256 lastAsOf, uint256 asOf, uint256 blockTime);
    /// @notice The address at this position is not above the one before it.
    error TableNotAscending(uint256 position);
    /// @notice This release has no such kind of record.
    error UnknownKind(uint256 sequence, uint256 kind);
    /// @notice The data end inside the table or inside this record.
    error DataShort(uint256 sequence);
    /// @notice Bytes follow the last record.
    error DataSurplus(uint256 surplus);
    /// @notice A position of this record points outside the part of the table that it needs.
    error WrongPosition(uint256 sequence);
    /// @notice A late batch, or an appointment, needs the signatures of two distinct staff over exactly this.
    error NotApproved();

    // ---------------------------------------------------------------- settlement

    /// @notice Replays `count` records of the journal, beginning with `firstSequence`, checked at `asOf`.
    /// @dev By the settler, unless paused. A framing error reverts the whole batch; a record that fails a rule is skipped
    /// with `Skipped`.
    /// @param data holders u16 · merchants u16 · addresses (20 bytes each) · records
    /// @return reasons one byte per record, its Reason: a simulated call shows what would be skipped
    function settle(uint256 batchNo, uint256 firstSequence, uint256 asOf, uint256 count, bytes calldata data)
        external
        returns (bytes memory reasons);

    /// @notice The same for a batch older than 240 h, which two distinct staff have approved.
    /// @param approval first signer 20 · second signer 20 · signature 64 · signature 64, over LateBatch(batchNo,
    /// firstSequence, asOf, count, keccak256(data)): what two staff approve is this content and no other
    function settleLate(
        uint256 batchNo,
        uint256 firstSequence,
        uint256 asOf,
        uint256 count,
        bytes calldata data,
        bytes calldata approval
    ) external returns (bytes memory reasons);

    /// @notice Stops settlement at once, for 72 h. By the pauser, and again only 72 h after the end of the last pause: its
    /// key alone can delay settlement, and never stop it.
    function pause() external;

    /// @notice Names settler and pauser and the end of a pause (0: none). By anybody with two staff's signatures, so that
    /// a lost or stolen key stops nothing for ever.
    /// @param approval as for a late batch, over Appoint(settler, pauser, pausedUntil, change); change = last change + 1
    function appoint(address settler, address pauser, uint256 pausedUntil, bytes calldata approval) external;

    // ---------------------------------------------------------------- ERC-20

    function name() external view returns (string memory);

    function symbol() external view returns (string memory);

    function version() external view returns (string memory);

    function decimals() external view returns (uint8);

    /// @notice The value under dates that have not passed, and the value of merchants, at `viewTime()`.
    function totalSupply() external view returns (uint256);

    /// @notice The amount that the account can spend at `viewTime()`; for a merchant the redeemable amount.
    function balanceOf(address account) external view returns (uint256);

    /// @notice The live value of a holder per lane of the calendar; a lane that is empty or has passed holds 0.
    function balanceByExpiry(address account)
        external
        view
        returns (uint256[4] memory expiries, uint256[4] memory amounts);

    /// @notice The time in seconds at which views check expiry: max(last asOf, block time − 240 h). Never block time alone:
    /// a payment accepted before midnight may be settled after it.
    function viewTime() external view returns (uint256);

    /// @notice Always 0.
    function allowance(address owner, address spender) external view returns (uint256);

    /// @notice Reverts `OnlyThroughGateway`, as does everything up to `cancelAuthorization`.
    function transfer(address to, uint256 value) external returns (bool);

    function approve(address spender, uint256 value) external returns (bool);

    function transferFrom(address from, address to, uint256 value) external returns (bool);

    // ---------------------------------------------------------------- EIP-3009

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice Whether the authorizer's nonce is used: below 2^24 by its window (true below the base), else by its table.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice EIP-712 domain separator, rebuilt when the chain id changes.
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    // ---------------------------------------------------------------- words, for reconciliation and audit

    /// @notice Stored account words; bits in `docs/formats.md` §1. Lanes may be stale: compare them with the calendar.
    function accountWords(address[] calldata addresses) external view returns (uint256[] memory);

    /// @notice Stored merchant words.
    function merchantWords(address[] calldata addresses) external view returns (uint256[] memory);

    /// @notice Stored signer words: nonce window, role, allowance.
    function signerWords(address[] calldata addresses) external view returns (uint256[] memory);

    /// @notice Stored date words: held, expired, opened.
    function dateTotals(uint40[] calldata expiries) external view returns (uint256[] memory);

    /// @notice The amount that a signer issued on a JST day, as counted against its allowance.
    function usedToday(address signer, uint256 day) external view returns (uint256);

    /// @notice The value issued by a top-up, by the digest that its channel signed.
    function issueWord(bytes32 digest) external view returns (uint256);

    /// @notice The address with a merchant number; zero if there is none.
    function merchantOf(uint256 number) external view returns (address);

    /// @notice The calendar's word: expiries, replacedAt, order, version.
    function calendarWord() external view returns (uint256);

    /// @notice The words of settler (change) and pauser (end of the last pause).
    function officeWords() external view returns (uint256[2] memory);

    /// @notice The period's word: cap, issued, first day, number of staff.
    function periodWord() external view returns (uint256);

    /// @notice The journal's word: last asOf, batch number, next sequence, merchants' total.
    function journalWord() external view returns (uint256);
}
