"""Says whether a record in a batch is the signed message of an operation: what was signed, and by whom, whatever its bytes.

The same authorization can be encoded as two kinds, and a record has only the low 16 bits of a windowed nonce. So windowed
nonces are compared by those bits: whatever else agrees is the same message within one window. Random ones are compared whole.
"""

from collections.abc import Mapping

from coin.errors import InvalidInput
from coin.messages import is_windowed
from coin.records.effects import Effect, Record, kind_of, values_of
from coin.records.kinds import KINDS, Kind

Sameness = tuple[str, bytes, tuple[tuple[str, int | bytes], ...]]
_LOW_BITS = 0xFFFF


def of_effect(effect: Effect) -> Sameness | None:
    """Return the key of an operation's record; None, if it cannot be read."""
    try:
        return _of(kind_of(effect), values_of(effect), effect.signers)
    except InvalidInput:
        return None


def of_record(record: Record) -> Sameness:
    """Return the key of a record decoded from a batch; the same message has the same key."""
    return _of(record.kind, record.values, record.signers)


def _of(kind: Kind, values: Mapping[str, int | bytes], signers: bytes) -> Sameness:
    row = KINDS[kind]
    names = [name for _, name in row.message.TYPE.fields if name != row.signer]
    return row.message.TYPE.name, signers, tuple((name, _compared(name, values[name])) for name in names)


def _compared(name: str, value: int | bytes) -> int | bytes:
    if name != "nonce":
        return value
    if isinstance(value, int):  # of a signer: always windowed
        return value & _LOW_BITS
    nonce = int.from_bytes(value, "big")
    return nonce & _LOW_BITS if is_windowed(nonce) else nonce
