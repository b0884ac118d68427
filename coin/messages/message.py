"""The base of every signed message: a frozen dataclass whose fields are the signed values.

The fields of a class are in the order of its TYPE, so that the n-th field is the n-th word. The names differ: the signed
ones are camelCase and without a unit. A test compares both, and TYPE with docs/formats.md §4.
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
        """The signed values, in the order of TYPE, without further fields of a subclass."""
        names = self.__match_args__[: len(self.TYPE.fields)]
        return [getattr(self, name) for name in names]

    @property
    def words(self) -> bytes:
        """The signed words.

        Raises:  InvalidInput naming the signed field, if a value does not fit its type.
        """
        return self.TYPE.words(self.values)

    def digest(self, domain: Domain) -> bytes:
        """Return the 32 bytes that are signed.

        Raises:  InvalidInput naming the signed field, if a value does not fit its type.
        """
        return self.TYPE.digest(domain, self.words)

    def typed_data(self, domain: Domain) -> dict[str, object]:
        """Return the JSON that any wallet signs with eth_signTypedData_v4."""
        return self.TYPE.typed_data(domain, self.values)


class StoredMessage(Message):
    """A message without text fields: its words contain everything, and the journal stores them."""

    __slots__ = ()

    @classmethod
    def parse(cls, words: bytes) -> Self:
        """Decode a message from its words.

        Raises:  InvalidInput, if the length is wrong or the padding of an address is not zero.
        """
        return cls(*cls.TYPE.values(words).values())
