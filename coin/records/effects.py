"""A record before and after encoding: the journal's row from which it is made, and its content decoded from a batch."""

from collections.abc import Mapping
from dataclasses import dataclass

from coin.errors import InvalidInput
from coin.records.kinds import KINDS, Kind, carried_out


@dataclass(frozen=True)
class Effect:
    """One row of the journal for the chain to replay.

    Shapes:  words: the message's fields in order, 32 bytes each (expire: the expiry alone); signatures: 65 bytes
             r ‖ s ‖ v each; signers: 20 bytes each (payments: the payer; two: first ‖ second; expire: none);
             context: for a merchant record the address that holds the number now, else empty.
    """

    sequence: int
    kind: int
    words: bytes
    signatures: bytes = b""
    signers: bytes = b""
    context: bytes = b""


@dataclass(frozen=True)
class Record:
    """One record decoded from a batch.

    Shapes:  values: the message's fields by name; a record has only the low 16 bits of a windowed nonce, so `nonce` is then
             those, and `is_nonce_whole` is false. signatures 65 bytes each, signers 20 each.
    """

    kind: Kind
    values: Mapping[str, int | bytes]
    is_nonce_whole: bool
    signatures: bytes
    signers: bytes
    replaced: bytes


def kind_of(effect: Effect) -> Kind:
    """Return the kind of an effect.

    Raises:  InvalidInput, if this release does not implement it.
    """
    row = carried_out(effect.kind)
    if row is None:
        raise unfit(effect, "kind", "この種類の記録はまだ扱えません。", "not a kind of this release")
    return row.kind


def values_of(effect: Effect) -> dict[str, int | bytes]:
    """Return the fields of an effect's message, and `replaced`.

    Raises:  InvalidInput, if the words do not fit the kind.
    """
    if effect.context and len(effect.context) != 20:
        raise unfit(effect, "context", "アドレスではありません。", "not an address")
    return {**KINDS[kind_of(effect)].message.TYPE.values(effect.words), "replaced": effect.context}


def unfit(effect: Effect, field: str, ja: str, en: str) -> InvalidInput:
    """Return the error for a field that does not fit into a record."""
    place = f"#{effect.sequence} {field}"
    return InvalidInput(f"{place}: {ja}", f"{place}: {en}", field=field)
