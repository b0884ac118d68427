"""The contract's face for programs: calldata, simulation, and stored words in few calls.

Decides how calls are written (ABI) and how answers are read. Knows one contract's address and a node; keeps no
state. Reads happen at one block, so that what belongs together was true together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from eth_abi.abi import decode, encode

from coin.chain.events import Event, decode_events, unhex
from coin.chain.rpc import NodeRefused, Rpc
from coin.chain.transactions import Receipt
from coin.chain.words import (
    AccountWord,
    CalendarWord,
    DateWord,
    JournalWord,
    MerchantWord,
    PeriodWord,
    SignerWord,
)
from coin.core import keccak256
from coin.errors import Rejection, Unavailable

_SETTLE = ("uint256", "uint256", "uint256", "uint256", "bytes")
_CHUNK = 500
T = TypeVar("T")


@dataclass(frozen=True)
class Simulation:
    """What settling would do now: whether it would revert, and else the reason of each record (NONE: carried out)."""

    revert: str | None
    reasons: tuple[Rejection, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every record would be carried out."""
        return self.revert is None and not any(self.reasons)


@dataclass(frozen=True)
class Snapshot:
    """The words that concern everybody, at one block."""

    block_number: int
    block_time_s: int
    calendar: CalendarWord
    period: PeriodWord
    journal: JournalWord
    total_supply: int


def settle_calldata(batch_no: int, first_sequence: int, as_of_s: int, data: bytes, count: int) -> bytes:
    """Return the calldata of `settle`."""
    return _calldata("settle", _SETTLE, batch_no, first_sequence, as_of_s, count, data)


def settle_late_calldata(
    batch_no: int, first_sequence: int, as_of_s: int, data: bytes, count: int, approval: bytes
) -> bytes:
    """Return the calldata of `settleLate`.

    Shapes:  approval: first staff 20 · second staff 20 · compact signature 64 · compact signature 64.
    """
    return _calldata(
        "settleLate", (*_SETTLE, "bytes"), batch_no, first_sequence, as_of_s, count, data, approval
    )


class BandaiCoin:
    """One deployed contract, read through one node."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        self._rpc = rpc
        self.address = address

    def simulate(self, calldata: bytes, sender: bytes, block_time_s: int | None = None) -> Simulation:
        """Run `settle` on the pending state without sending it.

        Units:   block_time_s: the second that the block is taken to have; None: the node's own.
        Raises:  Unavailable, if the node does not answer.
        """
        call: list[Any] = [{**self._to(calldata), "from": "0x" + sender.hex()}, "pending"]
        if block_time_s is not None:
            call += [{}, {"time": hex(block_time_s)}]
        try:
            answer = unhex(self._rpc.call("eth_call", *call))
        except NodeRefused as refused:
            return Simulation(_revert_of(refused), ())
        (reasons,) = decode(["bytes"], answer)
        return Simulation(None, tuple(Rejection(reason) for reason in reasons))

    def events(self, receipt: Receipt) -> list[Event]:
        """Return what a receipt says of this contract."""
        return decode_events(receipt.logs, self.address)

    def snapshot(self, block: int | str = "latest") -> Snapshot:
        """Return the words that concern everybody."""
        header = self._rpc.call("eth_getBlockByNumber", _block(block), False)
        number = int(header["number"], 16)
        names = ("calendarWord", "periodWord", "journalWord", "totalSupply")
        calendar, period, journal, supply = self._numbers([_calldata(name, ()) for name in names], number)
        return Snapshot(
            block_number=number,
            block_time_s=int(header["timestamp"], 16),
            calendar=CalendarWord.of(calendar),
            period=PeriodWord.of(period),
            journal=JournalWord.of(journal),
            total_supply=supply,
        )

    def accounts(self, addresses: Sequence[bytes], block: int | str = "latest") -> dict[bytes, AccountWord]:
        """Return the account words of many addresses."""
        return self._by_address("accountWords", addresses, AccountWord.of, block)

    def merchants(self, addresses: Sequence[bytes], block: int | str = "latest") -> dict[bytes, MerchantWord]:
        """Return the merchant words of many addresses."""
        return self._by_address("merchantWords", addresses, MerchantWord.of, block)

    def signers(self, addresses: Sequence[bytes], block: int | str = "latest") -> dict[bytes, SignerWord]:
        """Return the signer words of many addresses."""
        return self._by_address("signerWords", addresses, SignerWord.of, block)

    def dates(self, expiries: Sequence[int], block: int | str = "latest") -> dict[int, DateWord]:
        """Return the totals of expiry dates."""
        words = self._words("dateTotals", "uint40[]", expiries, block)
        return {expiry: DateWord.of(word) for expiry, word in zip(expiries, words, strict=True)}

    def merchant_of(self, numbers: Sequence[int], block: int | str = "latest") -> dict[int, bytes]:
        """Return who holds merchant numbers; numbers that nobody holds are left out."""
        calls = [_calldata("merchantOf", ("uint256",), number) for number in numbers]
        answers = self._numbers(calls, block)
        return {
            number: value.to_bytes(20, "big") for number, value in zip(numbers, answers, strict=True) if value
        }

    def used_today(self, signer: bytes, day: int, block: int | str = "latest") -> int:
        """Return what a channel issued on a JST day."""
        call = _calldata("usedToday", ("address", "uint256"), "0x" + signer.hex(), day)
        return self._numbers([call], block)[0]

    def is_nonce_used(self, authorizer: bytes, nonce: bytes, block: int | str = "latest") -> bool:
        """Return EIP-3009's authorizationState."""
        call = _calldata("authorizationState", ("address", "bytes32"), "0x" + authorizer.hex(), nonce)
        return bool(self._numbers([call], block)[0])

    def has_role(self, role: str, account: bytes, block: int | str = "latest") -> bool:
        """Return whether an account may configure: `role` is ADMIN, SETTLER or PAUSER."""
        call = _calldata("hasRole", ("bytes32", "address"), _ROLES[role], "0x" + account.hex())
        return bool(self._numbers([call], block)[0])

    def _by_address(
        self, name: str, addresses: Sequence[bytes], read: Callable[[int], T], block: int | str
    ) -> dict[bytes, T]:
        words = self._words(name, "address[]", ["0x" + address.hex() for address in addresses], block)
        return {address: read(word) for address, word in zip(addresses, words, strict=True)}

    def _words(self, name: str, kind: str, keys: Sequence[Any], block: int | str) -> list[int]:
        chunks = [keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK)]
        answers = self._rpc.batch(
            [self._call(_calldata(name, (kind,), list(chunk)), block) for chunk in chunks]
        )
        return [int(word) for answer in answers for word in _decoded("uint256[]", answer)]

    def _numbers(self, calls: Sequence[bytes], block: int | str) -> list[int]:
        answers = self._rpc.batch([self._call(calldata, block) for calldata in calls])
        return [int(_decoded("uint256", answer)) for answer in answers]

    def _call(self, calldata: bytes, block: int | str) -> tuple[str, list[Any]]:
        return ("eth_call", [self._to(calldata), _block(block)])

    def _to(self, calldata: bytes) -> dict[str, str]:
        return {"to": "0x" + self.address.hex(), "data": "0x" + calldata.hex()}


_ROLES = {
    "ADMIN": bytes(32),
    "SETTLER": keccak256(b"SETTLER_ROLE"),
    "PAUSER": keccak256(b"PAUSER_ROLE"),
}

# The reverts of docs/formats.md §2 and of configuration, by selector.
_REVERTS = {
    keccak256(signature.encode())[:4]: signature.partition("(")[0]
    for signature in (
        "WrongBatch(uint256,uint256)",
        "WrongSequence(uint256,uint256)",
        "WrongTime(uint256,uint256,uint256)",
        "TableNotAscending(uint256)",
        "UnknownKind(uint256,uint256)",
        "DataShort(uint256)",
        "DataSurplus(uint256)",
        "WrongPosition(uint256)",
        "LateBatchNotApproved()",
        "OnlyThroughGateway()",
        "AccessControlUnauthorizedAccount(address,bytes32)",
        "EnforcedPause()",
    )
}


def _revert_of(refused: NodeRefused) -> str:
    """Name the contract's error, or say what the node said."""
    data = refused.data
    if isinstance(data, str) and data.startswith("0x") and len(data) >= 10:
        return _REVERTS.get(unhex(data[:10]), refused.rpc_message)
    return refused.rpc_message


def _decoded(kind: str, answer: str) -> Any:
    """One value of an answer. Raises: Unavailable (`contract_missing`): where no contract is, every call answers with nothing."""
    if not unhex(answer):
        raise Unavailable(
            "このノードのチェーンには町のコントラクトがありません。ノードの URL を確かめてください。",
            "The node's chain has no contract of this town; check the node's URL.",
            code="contract_missing",
        )
    return decode([kind], unhex(answer))[0]


def _calldata(name: str, kinds: Sequence[str], *values: Any) -> bytes:
    selector = keccak256(f"{name}({','.join(kinds)})".encode())[:4]
    return selector + encode(list(kinds), list(values))


def _block(block: int | str) -> str:
    return block if isinstance(block, str) else hex(block)
