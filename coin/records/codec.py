"""Encodes effects of the journal into the `data` of `settle`, and decodes it.

Decides the table of addresses and the bytes of a batch (docs/formats.md §2). Decoding gives back what was encoded, except
the high bits of windowed nonces, which only the chain's state completes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from coin.errors import InvalidInput, InvariantBroken
from coin.formats import LAST_SIGNER_NONCE
from coin.messages import is_windowed, to_64
from coin.records.effects import Effect, Record, kind_of, unfit, values_of
from coin.records.kinds import KINDS, RecordKind, carried_out
from coin.records.layout import FIRST, NOBODY, SECOND, Field, Form

_ADDRESS = 20
_SIGNATURE = 65
_SIGNER_NONCES_END = LAST_SIGNER_NONCE + 2


@dataclass(frozen=True)
class _Table:
    holders: dict[bytes, int]
    merchants: dict[bytes, int]

    def head(self) -> bytes:
        counts = len(self.holders).to_bytes(2, "big") + len(self.merchants).to_bytes(2, "big")
        return counts + b"".join(self.holders) + b"".join(self.merchants)


@dataclass(frozen=True)
class _Draft:
    """An effect while it is encoded, with the data for its fields."""

    effect: Effect
    kind: RecordKind
    values: dict[str, int | bytes]
    table: _Table
    as_of_s: int


def encode_batch(effects: Sequence[Effect], as_of_s: int) -> bytes:
    """Encode a contiguous run of effects as the `data` of one batch.

    An authorization that ended before asOf has no packed form; it is written in the general one, and the chain skips it.

    Units:   as_of_s: the second of the last acceptance, as passed to `settle`.
    Raises:  InvalidInput naming sequence and field, if the run has a gap or a value does not fit its record.
    """
    _check_run(effects)
    parsed = [_parsed(effect, as_of_s) for effect in effects]
    table = _table_of((kind, values) for _, kind, values in parsed)
    drafts = (_Draft(effect, kind, values, table, as_of_s) for effect, kind, values in parsed)
    return table.head() + b"".join(_encode(draft) for draft in drafts)


def decode_batch(data: bytes, count: int, as_of_s: int) -> list[Record]:
    """Decode a batch's records, as an auditor does from calldata.

    Raises:  InvalidInput, if the bytes are not a table followed by `count` records.
    """
    reader = _Reader(data, as_of_s)
    records = [reader.record() for _ in range(count)]
    reader.finish()
    return records


def table_of(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the holders and the merchants that a batch touches.

    Raises:  InvalidInput, if the table is cut short.
    """
    reader = _Reader(data, 0)
    return reader.holders, reader.merchants


def _check_run(effects: Sequence[Effect]) -> None:
    for before, after in pairwise(effects):
        if after.sequence != before.sequence + 1:
            raise unfit(after, "sequence", "番号が続いていません。", f"does not follow {before.sequence}")


def _parsed(effect: Effect, as_of_s: int) -> tuple[Effect, RecordKind, dict[str, int | bytes]]:
    kind, values = KINDS[kind_of(effect)], values_of(effect)
    if kind.general_form is not None and _int(values["validBefore"]) < as_of_s:
        kind = KINDS[kind.general_form]
    return effect, kind, values


def _table_of(parsed: Iterable[tuple[RecordKind, dict[str, int | bytes]]]) -> _Table:
    holders: set[bytes] = set()
    merchants: set[bytes] = set()
    for kind, values in parsed:
        for field in kind.layout:
            if field.form is Form.HOLDER:
                holders.add(_bytes(values[field.name]))
            elif field.form in (Form.MERCHANT, Form.REPLACED) and values[field.name]:
                merchants.add(_bytes(values[field.name]))
    first_merchant = len(holders)
    return _Table(
        {address: position for position, address in enumerate(sorted(holders))},
        {address: position for position, address in enumerate(sorted(merchants), first_merchant)},
    )


def _encode(draft: _Draft) -> bytes:
    _check_shape(draft)
    parts = [_WRITERS[field.form](draft, field) for field in draft.kind.layout]
    return bytes([draft.kind.kind]) + b"".join(parts)


def _check_shape(draft: _Draft) -> None:
    effect, wanted = draft.effect, draft.kind.signatures
    if len(effect.signatures) != _SIGNATURE * wanted:
        raise unfit(effect, "signatures", f"{wanted} 個ではありません。", f"not {wanted} of 65 bytes")
    if len(effect.signers) != _ADDRESS * wanted:
        raise unfit(effect, "signers", f"{wanted} 個ではありません。", f"not {wanted} of 20 bytes")
    if draft.kind.signer and effect.signers[:_ADDRESS] != draft.values[draft.kind.signer]:
        raise unfit(effect, "signers", "本人の署名ではありません。", "not the signer that the message names")
    if draft.kind.is_packed:
        _check_packed(draft)


def _check_packed(draft: _Draft) -> None:
    if draft.values["validAfter"] != 0:
        raise unfit(draft.effect, "validAfter", "0 ではありません。", "is not 0: use the general kind")
    if not is_windowed(int.from_bytes(_bytes(draft.values["nonce"]), "big")):
        raise unfit(draft.effect, "nonce", "2^24 以上です。", "is not windowed: use the general kind")


def _write_position(draft: _Draft, field: Field) -> bytes:
    part = draft.table.holders if field.form is Form.HOLDER else draft.table.merchants
    address = _bytes(draft.values[field.name])
    position = part[address] if address else NOBODY
    return _fit(draft, field, position if position < NOBODY or not address else NOBODY + 1)


def _write_uint(draft: _Draft, field: Field) -> bytes:
    return _fit(draft, field, _int(draft.values[field.name]))


def _write_since(draft: _Draft, field: Field) -> bytes:
    return _fit(draft, field, _int(draft.values[field.name]) - draft.as_of_s)


def _write_raw(draft: _Draft, field: Field) -> bytes:
    return _bytes(draft.values[field.name])


def _write_low(draft: _Draft, field: Field) -> bytes:
    value = draft.values[field.name]
    nonce = int.from_bytes(value, "big") if isinstance(value, bytes) else value
    if nonce >= _SIGNER_NONCES_END:
        raise unfit(draft.effect, field.name, "2^32 以上です。", "is not windowed")
    return (nonce & 0xFFFF).to_bytes(2, "big")


def _write_signer(draft: _Draft, field: Field) -> bytes:
    at = _ADDRESS * _index(field)
    return draft.effect.signers[at : at + _ADDRESS]


def _write_signature(draft: _Draft, field: Field) -> bytes:
    at = _SIGNATURE * _index(field)
    return to_64(draft.effect.signatures[at : at + _SIGNATURE])


_WRITERS: dict[Form, Callable[[_Draft, Field], bytes]] = {
    Form.HOLDER: _write_position,
    Form.MERCHANT: _write_position,
    Form.REPLACED: _write_position,
    Form.UINT: _write_uint,
    Form.RAW: _write_raw,
    Form.SINCE: _write_since,
    Form.LOW: _write_low,
    Form.SIGNER: _write_signer,
    Form.SIGNATURE: _write_signature,
}


def _fit(draft: _Draft, field: Field, value: int) -> bytes:
    if not 0 <= value < 1 << (8 * field.size):
        raise unfit(
            draft.effect,
            field.name,
            f"{field.size} バイトに入りません。",
            f"{value} is not u{8 * field.size}",
        )
    return value.to_bytes(field.size, "big")


def _index(field: Field) -> int:
    return (FIRST, SECOND).index(field.name)


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise InvariantBroken("a message's address or bytes32 came as an integer")
    return value


def _int(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise InvariantBroken("a message's integer came as bytes")
    return value


def _expanded(compact: bytes) -> bytes:
    """Write 64 bytes as r ‖ s ‖ v, valid or not: a stranger's record may hold any, and the chain has judged it."""
    last = int.from_bytes(compact[32:], "big")
    s = last & ((1 << 255) - 1)
    return compact[:32] + s.to_bytes(32, "big") + bytes([27 + (last >> 255)])


class _Reader:
    """Decodes a batch from its first byte to its last."""

    def __init__(self, data: bytes, as_of_s: int) -> None:
        self._data = data
        self._at = 0
        self._as_of_s = as_of_s
        holders, merchants = self._uint(2), self._uint(2)
        self.holders = [self._take(_ADDRESS) for _ in range(holders)]
        self.merchants = [self._take(_ADDRESS) for _ in range(merchants)]

    def record(self) -> Record:
        """Decode the next record."""
        kind = self._kind()
        fields = [(field, self._value(field)) for field in kind.layout]
        names = {name for _, name in kind.message.TYPE.fields}
        values = {field.name: value for field, value in fields if field.name in names}
        if kind.is_packed:
            values["validAfter"] = 0
        signers = self._joined(fields, Form.SIGNER)
        if kind.signer:
            signers = signers or _bytes(values[kind.signer])
            values[kind.signer] = signers[:_ADDRESS]
        return Record(
            kind=kind.kind,
            values=values,
            is_nonce_whole=not any(field.form is Form.LOW for field, _ in fields),
            signatures=self._joined(fields, Form.SIGNATURE),
            signers=signers,
            replaced=self._joined(fields, Form.REPLACED),
        )

    def finish(self) -> None:
        """Check that nothing follows."""
        surplus = len(self._data) - self._at
        if surplus:
            raise InvalidInput(
                f"末尾に {surplus} バイト余っています。", f"{surplus} bytes follow", field="data"
            )

    def _kind(self) -> RecordKind:
        byte = self._uint(1)
        kind = carried_out(byte)
        if kind is None:
            raise InvalidInput(f"種類 {byte:#04x} は不明です。", f"kind {byte:#04x} is unknown", field="kind")
        return kind

    def _value(self, field: Field) -> int | bytes:
        if field.form in (Form.UINT, Form.LOW):
            return self._uint(field.size)
        if field.form is Form.SINCE:
            return self._as_of_s + self._uint(field.size)
        if field.form in (Form.HOLDER, Form.MERCHANT, Form.REPLACED):
            return self._address(field)
        taken = self._take(field.size)
        return _expanded(taken) if field.form is Form.SIGNATURE else taken

    def _address(self, field: Field) -> bytes:
        position = self._uint(field.size)
        if field.form is Form.REPLACED and position == NOBODY:
            return b""
        is_holder = field.form is Form.HOLDER
        part = self.holders if is_holder else self.merchants
        index = position if is_holder else position - len(self.holders)
        if not 0 <= index < len(part):
            raise InvalidInput(
                f"{field.name}: 表にない位置です。",
                f"{field.name}: {position} is not in its part",
                field=field.name,
            )
        return part[index]

    def _joined(self, fields: list[tuple[Field, int | bytes]], form: Form) -> bytes:
        return b"".join(_bytes(value) for field, value in fields if field.form is form)

    def _uint(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise InvalidInput("データが途中で終わっています。", "the data end inside a record", field="data")
        taken = self._data[self._at : end]
        self._at = end
        return taken
