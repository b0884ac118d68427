"""Strict parsing of the gateway's answers: a field that is missing or has another type is refused, not guessed."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from bandai_client._errors import answer_wrong

Json = Mapping[str, Any]
_DIGITS = re.compile("[0-9]{1,20}")
_Kind = TypeVar("_Kind", int, str, bool, list[Any], dict[str, Any])


def take(answer: Json, field: str, kind: type[_Kind]) -> _Kind:
    """Return a field of exactly this type.

    Raises:  CoinError (gateway_answer_wrong) naming the field.
    """
    value = answer.get(field)
    if type(value) is not kind:
        raise answer_wrong(field)
    return value


def take_optional(answer: Json, field: str, kind: type[_Kind]) -> _Kind | None:
    """Return a field of this type, or None if it is missing or null."""
    return None if answer.get(field) is None else take(answer, field, kind)


def take_objects(answer: Json, field: str) -> list[Json]:
    """Return a list of objects."""
    items = take(answer, field, list)
    if not all(isinstance(item, dict) for item in items):
        raise answer_wrong(field)
    return items


def take_number(answer: Json, field: str) -> int:
    """Return a number that is written as an integer or, with leading zeros, as text."""
    value = answer.get(field)
    if type(value) is int:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise answer_wrong(field)


def read_hex(text: str, field: str) -> bytes:
    """Read 0x hex of any length.

    Raises:  CoinError (gateway_answer_wrong) naming the field.
    """
    try:
        if text.startswith("0x"):
            return bytes.fromhex(text[2:])
    except ValueError as error:
        raise answer_wrong(field) from error
    raise answer_wrong(field)
