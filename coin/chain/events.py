"""What a receipt's logs say: transfers, skips and settled batches, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coin.core import keccak256
from coin.errors import Rejection

SKIPPED = keccak256(b"Skipped(uint64,uint8,uint8)")
SETTLED = keccak256(b"Settled(uint256,uint256,uint256,uint256,bytes32)")
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")


@dataclass(frozen=True)
class Skipped:
    """A record that failed a rule."""

    sequence: int
    kind: int
    reason: Rejection


@dataclass(frozen=True)
class Settled:
    """A batch that was replayed; `data_hash` is the keccak-256 of its data."""

    batch_no: int
    first_sequence: int
    count: int
    as_of_s: int
    data_hash: bytes


@dataclass(frozen=True)
class Transfer:
    """Value that moved; sender zero: a top-up, recipient zero: a redeem."""

    sender: bytes
    recipient: bytes
    amount_yen: int


Event = Skipped | Settled | Transfer


def decode_events(logs: Iterable[Mapping[str, Any]], contract: bytes) -> list[Event]:
    """Read the logs of our contract, in order; logs of others and events of other kinds are passed over."""
    decoded = (_decode(log) for log in logs if unhex(log["address"]) == contract)
    return [event for event in decoded if event is not None]


def unhex(text: str) -> bytes:
    """Read 0x hex as JSON-RPC writes it."""
    return bytes.fromhex(text.removeprefix("0x"))


def _decode(log: Mapping[str, Any]) -> Event | None:
    topics = [unhex(topic) for topic in log["topics"]]
    body = unhex(log["data"])
    words = [int.from_bytes(body[at : at + 32], "big") for at in range(0, len(body), 32)]
    if topics[0] == _TRANSFER:
        return Transfer(topics[1][12:], topics[2][12:], words[0])
    if topics[0] == SKIPPED:
        return Skipped(_number(topics[1]), words[0], Rejection(words[1]))
    if topics[0] == SETTLED:
        return Settled(_number(topics[1]), words[0], words[1], words[2], body[96:128])
    return None


def _number(topic: bytes) -> int:
    return int.from_bytes(topic, "big")
