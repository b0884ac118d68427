"""What every signed message has in common: it is a frozen dataclass, and its fields are the values that are signed.

The fields of a class stand in the order of its TYPE, so that the n-th field is the n-th word; the names differ, since
the signed ones are camelCase and say no unit. A test holds both to each other, and TYPE to docs/formats.md §4.
"""

from typing import ClassVar, Self

from coin.messages.domain import Domain
from coin.messages.types import MessageType


class Message:
    """One signed message."""

    __slots__ = ()
    TYPE: ClassVar[MessageType]
    __match_args__: ClassVar[tuple[str, ...]]  # the names of a dataclass's fields, in order

    @property
    def values(self) -> list[object]:
        """What is signed, in the order of TYPE; what a subclass adds beside it is left out."""
        names = self.__match_args__[: len(self.TYPE.fields)]
        return [getattr(self, name) for name in names]

    @property
    def words(self) -> bytes:
        """The words that are signed.

        Raises:  InvalidInput naming the signed field, if a value cannot be a word.
        """
        return self.TYPE.words(self.values)

    def digest(self, domain: Domain) -> bytes:
        """Give the 32 bytes that are signed.

        Raises:  InvalidInput naming the signed field, if a value cannot be a word.
        """
        return self.TYPE.digest(domain, self.words)

    def typed_data(self, domain: Domain) -> dict[str, object]:
        """Give the JSON that any wallet signs with eth_signTypedData_v4."""
        return self.TYPE.typed_data(domain, self.values)


class StoredMessage(Message):
    """A message without a text: its words say all of it, and the journal stores them."""

    __slots__ = ()

    @classmethod
    def parse(cls, words: bytes) -> Self:
        """Read a message back from its words.

        Raises:  InvalidInput, if the length is not this type's or an address has a surplus byte.
        """
        return cls(*cls.TYPE.values(words).values())
