"""Message types: from the public type string to words, digests and the JSON that a wallet signs.

Decides how values become the words and the digest of a message. Knows no particular message, no key, no rule and no
database. The **words** of a message are its fields in order, 32 bytes each, strings as their keccak-256, without the type
hash. The journal stores them.
Source:  EIP-712; docs/formats.md §4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from coin.core import keccak256
from coin.messages.domain import DOMAIN_FIELDS, Domain, Fields, type_hash, type_string
from coin.messages.words import TO_WORD, WORD, json_value, value_of, wrong


@dataclass(frozen=True)
class MessageType:
    """One type of message: its name and its fields as (type, name), in the signed order."""

    name: str
    fields: Fields

    @classmethod
    def of(cls, text: str) -> "MessageType":
        """Parse a type string from docs/formats.md §4."""
        name, _, inside = text.removesuffix(")").partition("(")
        fields = [field.split(" ") for field in inside.split(",")]
        return cls(name, tuple((kind, field) for kind, field in fields))

    @cached_property
    def type_string(self) -> str:
        """The text of `encodeType`."""
        return type_string(self.name, self.fields)

    @cached_property
    def type_hash(self) -> bytes:
        """The keccak-256 of the type string."""
        return type_hash(self.name, self.fields)

    @cached_property
    def size(self) -> int:
        """The size of the words in bytes."""
        return WORD * len(self.fields)

    def words(self, values: Sequence[object]) -> bytes:
        """Encode values, given in the order of the fields, as words.

        Shapes:  addresses 20 bytes or 0x hex, bytes32 32 bytes or 0x hex, integers below 2^256, text.
        Raises:  InvalidInput naming the first field whose value is wrong.
        """
        pairs = zip(self.fields, values, strict=True)
        return b"".join([TO_WORD[kind](value, field) for (kind, field), value in pairs])

    def values(self, words: bytes) -> dict[str, bytes | int]:
        """Decode words: addresses as 20 bytes, integers, bytes32; a text stays its keccak-256.

        Raises:  InvalidInput, if the length is wrong or the padding of an address is not zero.
        """
        self._demand_size(words)
        return {
            field: value_of(kind, words[WORD * i : WORD * (i + 1)], field)
            for i, (kind, field) in enumerate(self.fields)
        }

    def digest(self, domain: Domain, words: bytes) -> bytes:
        """Return the 32 bytes that are signed.

        Raises:  InvalidInput, if the length of `words` is wrong.
        """
        self._demand_size(words)
        return keccak256(b"\x19\x01" + domain.separator + keccak256(self.type_hash + words))

    def typed_data(self, domain: Domain, values: Sequence[object]) -> dict[str, object]:
        """Return the JSON that any wallet signs with eth_signTypedData_v4; integers as decimal text."""
        pairs = zip(self.fields, values, strict=True)
        return {
            "types": {"EIP712Domain": _json_fields(DOMAIN_FIELDS), self.name: _json_fields(self.fields)},
            "primaryType": self.name,
            "domain": domain.as_json(),
            "message": {field: json_value(kind, value, field) for (kind, field), value in pairs},
        }

    def _demand_size(self, words: bytes) -> None:
        if len(words) != self.size:
            raise wrong("words", f"{self.size} バイトではありません。", f"not {self.size} bytes")


def _json_fields(fields: Fields) -> list[dict[str, str]]:
    return [{"name": field, "type": kind} for kind, field in fields]
