"""The contract for programs: calldata, simulation, and reading stored words in few calls.

Decides what is read, and what the answers mean. Knows one contract's address and a node; keeps no state. Reads that belong
together are made at one block, so that they are consistent.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from coin.chain import interface
from coin.chain.events import EVENTS, Event, decode_events
from coin.chain.interface import unhex
from coin.chain.rpc import NodeRefused, Rpc
from coin.chain.transactions import Receipt
from coin.chain.words import (
    AccountWord,
    CalendarWord,
    DateWord,
    JournalWord,
    MerchantWord,
    OfficeWords,
    PeriodWord,
    SignerWord,
)
from coin.errors import Rejection, Unavailable
from coin.messages import Appoint

_CHUNK = 500
_SELECTOR = re.compile("0x[0-9a-fA-F]{8}")
T = TypeVar("T")


@dataclass(frozen=True)
class Simulation:
    """The result of a simulated settlement: the revert, if any, or the reason of each record (NONE: executed)."""

    revert: str | None
    reasons: tuple[Rejection, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every record would be executed."""
        return self.revert is None and not any(self.reasons)


@dataclass(frozen=True)
class Snapshot:
    """The global words, at one block."""

    block_number: int
    block_time_s: int
    calendar: CalendarWord
    period: PeriodWord
    journal: JournalWord
    total_supply: int


def settle_calldata(batch_no: int, first_sequence: int, as_of_s: int, data: bytes, count: int) -> bytes:
    """Return the calldata of `settle`."""
    return interface.calldata("settle", batch_no, first_sequence, as_of_s, count, data)


def settle_late_calldata(
    batch_no: int, first_sequence: int, as_of_s: int, data: bytes, count: int, approval: bytes
) -> bytes:
    """Return the calldata of `settleLate`.

    Shapes:  approval: first staff 20 · second staff 20 · compact signature 64 · compact signature 64.
    """
    return interface.calldata("settleLate", batch_no, first_sequence, as_of_s, count, data, approval)


class BandaiCoin:
    """A deployed contract, read through one node."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        self._rpc = rpc
        self.address = address

    def simulate(self, calldata: bytes, sender: bytes, block_time_s: int | None = None) -> Simulation:
        """Run `settle` on the pending state without sending it.

        Units:   block_time_s: the assumed time of the block; None: the node's own.
        Raises:  Unavailable, if the node does not answer, or its answer does not fit the contract.
        """
        call: list[Any] = [{**self._to(calldata), "from": "0x" + sender.hex()}, "pending"]
        if block_time_s is not None:
            call += [{}, {"time": hex(block_time_s)}]
        try:
            answer = self._rpc.call("eth_call", *call)
        except NodeRefused as refused:
            return Simulation(_revert_of(refused), ())
        with interface.reading():
            return Simulation(None, tuple(Rejection(reason) for reason in _read("settle", answer)))

    def events(self, receipt: Receipt, wanted: Iterable[type[Event]] = EVENTS) -> list[Event]:
        """Return the events of this contract in a receipt, filtered by name."""
        return decode_events(receipt.logs, self.address, wanted)

    def snapshot(self, block: int | str = "latest") -> Snapshot:
        """Return the global words."""
        header = self._rpc.call("eth_getBlockByNumber", _block(block), False)
        number = int(header["number"], 16)
        names = ("calendarWord", "periodWord", "journalWord", "totalSupply")
        calendar, period, journal, supply = self._ask([(name,) for name in names], number)
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
        words = self._words("dateTotals", expiries, block)
        return {expiry: DateWord.of(word) for expiry, word in zip(expiries, words, strict=True)}

    def merchant_of(self, numbers: Sequence[int], block: int | str = "latest") -> dict[int, bytes]:
        """Return the address of each merchant number; unused numbers are left out."""
        answers = self._ask([("merchantOf", number) for number in numbers], block)
        holders = {number: unhex(answer) for number, answer in zip(numbers, answers, strict=True)}
        return {number: holder for number, holder in holders.items() if any(holder)}

    def used_today(self, signer: bytes, day: int, block: int | str = "latest") -> int:
        """Return how much a channel has issued on a JST day."""
        return int(self._ask([("usedToday", signer, day)], block)[0])

    def is_nonce_used(self, authorizer: bytes, nonce: bytes, block: int | str = "latest") -> bool:
        """Return EIP-3009's authorizationState."""
        return bool(self._ask([("authorizationState", authorizer, nonce)], block)[0])

    def offices(self, block: int | str = "latest") -> OfficeWords:
        """Return settler and pauser, and the end of the last pause."""
        return OfficeWords.of(*self._ask([("officeWords",)], block)[0])

    def _by_address(
        self, name: str, addresses: Sequence[bytes], read: Callable[[int], T], block: int | str
    ) -> dict[bytes, T]:
        words = self._words(name, addresses, block)
        return {address: read(word) for address, word in zip(addresses, words, strict=True)}

    def _words(self, name: str, keys: Sequence[Any], block: int | str) -> list[int]:
        chunks = [(name, list(keys[start : start + _CHUNK])) for start in range(0, len(keys), _CHUNK)]
        return [word for words in self._ask(chunks, block) for word in words]

    def _ask(self, calls: Sequence[tuple[Any, ...]], block: int | str) -> list[Any]:
        """Return the answers to many view calls, each a name and arguments, in few requests."""
        asked = [("eth_call", [self._to(interface.calldata(*call)), _block(block)]) for call in calls]
        answers = self._rpc.batch(asked)
        return [_read(name, answer) for (name, *_), answer in zip(calls, answers, strict=True)]

    def _to(self, calldata: bytes) -> dict[str, str]:
        return {"to": "0x" + self.address.hex(), "data": "0x" + calldata.hex()}


def appoint_calldata(said: Appoint, approval: bytes) -> bytes:
    """Return the call that replaces settler and pauser and sets the end of a pause, with two staff's signatures over it."""
    return interface.calldata("appoint", said.settler, said.pauser, said.paused_until_s, approval)


def _revert_of(refused: NodeRefused) -> str:
    """Return the name of the contract's error, or the node's message."""
    data = refused.data
    selector = _SELECTOR.match(data) if isinstance(data, str) else None
    name = interface.error_name(unhex(selector[0])) if selector else None
    return name or refused.rpc_message


def _read(name: str, answer: str) -> Any:
    """Return the decoded answer. Raises: Unavailable (`contract_missing`), if the answer is empty because there is no
    contract; as `reading`."""
    with interface.reading():
        said = unhex(answer)
    if not said:
        raise Unavailable(
            "このノードのチェーンには町のコントラクトがありません。ノードの URL を確かめてください。",
            "The node's chain has no contract of this town; check the node's URL.",
            code="contract_missing",
        )
    return interface.answer_of(name, said)


def _block(block: int | str) -> str:
    return block if isinstance(block, str) else hex(block)
