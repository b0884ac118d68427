"""The interface between `perform` and a kind of record: its facts, refusals, transfers, and rows beside the journal.

Signatures, rights, nonces and numbers are not decided here; they are the same for every kind (`perform`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from coin.errors import CoinError, InvariantBroken
from coin.ledger.journal_head import Head
from coin.ledger.posting import Posted, Transfer
from coin.messages import StoredMessage
from coin.records.kinds import Kind
from coin.registry.books import Books
from coin.registry.signers import Signer
from coin.signatures import Signature

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Signing:
    """The signatures of a message, and the nonce that it uses."""

    signatures: tuple[Signature, ...]
    nonce: int


@dataclass(frozen=True, slots=True)
class Case:
    """A record while it is decided, under the lock of the journal's head.

    Shapes:  `office`: the signer whose role was checked; None, if a payer or nobody signs.
    """

    books: Books
    head: Head
    office: Signer | None

    @property
    def signer(self) -> Signer:
        """Who signed with a role."""
        if self.office is None:
            raise InvariantBroken("a kind without a role asked for its signer")
        return self.office


@dataclass(frozen=True, slots=True)
class Entry:
    """The audit log's entry for an operation, without its number."""

    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


class Operation(StoredMessage, ABC, Generic[Facts]):
    """A record to be posted: the signed message, with further data."""

    __slots__ = ()
    KIND: ClassVar[Kind]
    ACTION: ClassVar[str]  # its name in the audit log

    @abstractmethod
    def signing(self) -> Signing | None:
        """Return the signatures and the nonce; None, if nobody signs."""

    def check(self, books: Books) -> None:
        """Check the further data, before the signer's right; raise a fitting error."""

    @abstractmethod
    def facts(self, case: Case) -> Facts:
        """Read the facts that the rules need."""

    @abstractmethod
    def refusals(self, case: Case, facts: Facts) -> Iterator[CoinError]:
        """Return the rejections that apply, lowest first."""

    def context(self, facts: Facts) -> bytes:  # noqa: ARG002
        """Return the data that the chain needs beside the words; usually nothing."""
        return b""

    def transfers(self, case: Case, facts: Facts) -> Sequence[Transfer]:  # noqa: ARG002
        """Return its transfers; usually none."""
        return ()

    @abstractmethod
    def remember(self, case: Case, facts: Facts, posted: Posted, digest: bytes) -> Entry:
        """Write its rows beside the journal; return the entry for the audit log."""
