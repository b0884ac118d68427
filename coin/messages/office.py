"""Messages of staff about the town itself. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Calendar(StoredMessage):
    """Opens an expiry date in a lane."""

    TYPE = MessageType.of("Calendar(uint256 lane,uint256 expiry,address first,uint256 nonce)")
    lane: int
    expiry_s: int
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Expire(StoredMessage):
    """The words of an expire record: the date that ended. Nobody signs it, so it is not among the messages of
    docs/formats.md."""

    TYPE = MessageType.of("Expire(uint256 expiry)")
    expiry_s: int


@dataclass(frozen=True, slots=True)
class Role(StoredMessage):
    """Gives or revokes a role, opens a period or changes its cap."""

    TYPE = MessageType.of("Role(address account,uint256 role,uint256 allowance,address first,uint256 nonce)")
    account: bytes
    role: int
    allowance: int
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class LateBatch(StoredMessage):
    """Approves a batch that is older than the contract's window; `data_hash` is the keccak-256 of its `data`."""

    TYPE = MessageType.of(
        "LateBatch(uint256 batchNo,uint256 firstSequence,uint256 asOf,uint256 count,bytes32 dataHash)"
    )
    batch_no: int
    first_sequence: int
    as_of_s: int
    count: int
    data_hash: bytes


@dataclass(frozen=True, slots=True)
class ForeignBatch(StoredMessage):
    """Binds the books to a batch on the chain that they did not seal. Only the books check it."""

    TYPE = MessageType.of(
        "ForeignBatch(uint256 batchNo,uint256 firstSequence,uint256 asOf,uint256 count,bytes32 dataHash,address sender)"
    )
    batch_no: int
    first_sequence: int
    as_of_s: int
    count: int
    data_hash: bytes
    sender: bytes


@dataclass(frozen=True, slots=True)
class Appoint(StoredMessage):
    """Names settler and pauser, and until when settlement stands still (0: it goes on); `change` counts up from 1."""

    TYPE = MessageType.of("Appoint(address settler,address pauser,uint256 pausedUntil,uint256 change)")
    settler: bytes
    pauser: bytes
    paused_until_s: int
    change: int
