"""What a kind of record gives to `perform`: its facts, its refusals, its transfers, and what it remembers.

Decides nothing about signatures, rights, nonces and numbers: these are the same for every kind (`perform`).
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
    """The signatures that came with a message, and the nonce that it uses up."""

    signatures: tuple[Signature, ...]
    nonce: int


@dataclass(frozen=True, slots=True)
class Case:
    """One record while it is decided, under the lock of the journal's head.

    Shapes:  `office`: the signer whose role was demanded; None where a payer or nobody signs.
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
    """What the audit log keeps of an operation, beside its number."""

    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


class Operation(StoredMessage, ABC, Generic[Facts]):
    """A record on its way into the books: the message that was signed, with what came beside it."""

    __slots__ = ()
    KIND: ClassVar[Kind]
    ACTION: ClassVar[str]  # what the audit log calls it

    @abstractmethod
    def signing(self) -> Signing | None:
        """The signatures and the nonce; None, if nobody signs."""

    def check(self, books: Books) -> None:
        """Refuse what came beside the message, before anybody's right is looked at; raises what fits."""

    @abstractmethod
    def facts(self, case: Case) -> Facts:
        """Read what the rules look at."""

    @abstractmethod
    def refusals(self, case: Case, facts: Facts) -> Iterator[CoinError]:
        """What speaks against it, the lowest rung of the ladder first."""

    def context(self, facts: Facts) -> bytes:  # noqa: ARG002
        """What the chain needs beside the words; most often nothing."""
        return b""

    def transfers(self, case: Case, facts: Facts) -> Sequence[Transfer]:  # noqa: ARG002
        """What it moves; most often nothing."""
        return ()

    @abstractmethod
    def remember(self, case: Case, facts: Facts, posted: Posted, digest: bytes) -> Entry:
        """Write what the books keep beside the journal; returns what the audit log keeps."""
