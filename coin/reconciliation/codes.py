"""Figures and open items with stable codes, for programs: JSON, later pages and reports.

Shapes:  addresses as 0x hex with EIP-55's capitals, other bytes as 0x hex; enums as their code; composite values as objects;
         a missing value as null.
"""

from enum import StrEnum
from uuid import UUID

from coin.errors import Rejection
from coin.lots import Lot
from coin.messages import checksum_address
from coin.reconciliation.figures import Figure, OpenItem

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None
_ADDRESS = 20


def of_figure(figure: Figure) -> dict[str, Json]:
    """Return the keys subject, id, field, books, other, against."""
    return _of_fields(figure)


def of_open_item(item: OpenItem) -> dict[str, Json]:
    """Return the keys kind, subject, id, reason."""
    return _of_fields(item)


def _of_fields(value: tuple[object, ...]) -> dict[str, Json]:
    names: tuple[str, ...] = getattr(value, "_fields", ())
    return {name: _coded(item) for name, item in zip(names, value, strict=True)}


def _coded(value: object) -> Json:
    match value:
        case Rejection():
            return value.code
        case StrEnum():
            return value.value
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case bytes():
            return checksum_address(value) if len(value) == _ADDRESS else "0x" + value.hex()
        case UUID():
            return str(value)
        case Lot():
            return {"kind": value.kind.value, "expiry_s": value.expiry_s, "fund": value.fund}
        case tuple() if hasattr(value, "_fields"):
            return _of_fields(value)
        case tuple():
            return [_coded(item) for item in value]
    raise TypeError(f"no code for {type(value).__name__}")
