"""The errors of a request that does not fit its schema: which field and why, in two languages and with a code."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from api.problems import FieldProblem, InvalidRequest
from coin.errors import CoinError, InvalidInput
from coin.parsing import demand_shallow

MAX_NAMED = 20
_MAX_FIELD = 100
_SENTENCES: dict[str, tuple[str, str, str]] = {
    "missing": ("missing", "値がありません。", "missing"),
    "extra_forbidden": ("unknown_field", "知らない項目です。", "unknown field"),
    "int_type": ("not_an_integer", "整数ではありません。", "not an integer"),
    "int_from_float": ("not_an_integer", "整数ではありません。", "not an integer"),
    "int_parsing": ("not_an_integer", "整数ではありません。", "not an integer"),
    "int_parsing_size": ("out_of_range", "大きすぎます。", "too large"),
    "string_type": ("not_a_text", "文字列ではありません。", "not a text"),
    "greater_than_equal": ("out_of_range", "小さすぎます。", "too small"),
    "less_than_equal": ("out_of_range", "大きすぎます。", "too large"),
    "string_too_long": ("out_of_range", "長すぎます。", "too long"),
    "string_too_short": ("out_of_range", "短すぎます。", "too short"),
    "too_long": ("out_of_range", "多すぎます。", "too many"),
    "too_short": ("out_of_range", "少なすぎます。", "too few"),
    "string_pattern_mismatch": ("malformed", "形式が正しくありません。", "malformed"),
}
_BOUNDS = {
    "le": ("まで", "at most"),
    "ge": ("以上", "at least"),
    "max_length": ("まで", "at most"),
    "min_length": ("以上", "at least"),
}
_OTHER = ("malformed", "形式が正しくありません。", "malformed")
_NOT_JSON = (
    "json_invalid",
    "bytes_type",
    "model_attributes_type",
    "model_type",
    "dict_type",
    "dataclass_type",
)


def invalid_request(errors: Iterable[Mapping[str, Any]], *, skip: int = 1) -> CoinError:
    """Return the error for what pydantic found; the first `skip` elements of each location are body, query or path."""
    found = list(errors)
    whole = [error for error in found if len(error["loc"]) <= skip and error["type"] in _NOT_JSON]
    if whole or not found or found[0]["type"] == "json_invalid":
        return body_malformed()
    return InvalidRequest([_named(error, skip) for error in found[:MAX_NAMED]])


def body_malformed() -> CoinError:
    """Return the error for a body that is not a JSON object."""
    return InvalidInput(
        "本文が JSON のオブジェクトではありません。", "The body is not a JSON object.", code="body_malformed"
    )


def plain_digits(value: str) -> str:
    """Refuse a number in a path that is not plain digits, such as `+12`, `1_2` or `12.0`, which Python would accept."""
    if not (value.isascii() and value.isdigit()):
        raise ValueError
    return value


def demand_plain_json(body: bytes) -> None:
    """Refuse JSON that two parsers could read differently (RFC 7493): a repeated name, NaN, an infinite number, or a text
    with a NUL character, which ends a text in some languages and which PostgreSQL cannot store.

    Raises:  InvalidInput (`body_malformed`; `invalid_input` naming the repeated name).
    """
    if b"\\u0000" in body:
        raise body_malformed()
    try:
        demand_shallow(body)
        json.loads(body, object_pairs_hook=_unique, parse_constant=_no_number)
    except ValueError:
        raise body_malformed() from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    items = dict(pairs)
    if len(items) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise InvalidRequest(
            [_problem(twice[:_MAX_FIELD], "repeated", "同じ項目が2回あります。", "it is repeated")]
        )
    return items


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _named(error: Mapping[str, Any], skip: int) -> FieldProblem:
    field = ".".join(str(part) for part in error["loc"][skip:])[:_MAX_FIELD] or "body"
    code, ja, en = _SENTENCES.get(error["type"], _OTHER)
    bounds = error.get("ctx") or {}
    for name, (bound_ja, bound_en) in _BOUNDS.items():
        if isinstance(bounds.get(name), int):
            ja = f"{ja.removesuffix('。')}（{bounds[name]} {bound_ja}）。"
            en = f"{en} ({bound_en} {bounds[name]})"
    return _problem(field, code, ja, en)


def _problem(field: str, code: str, ja: str, en: str) -> FieldProblem:
    return FieldProblem(field=field, code=code, title=f"{field}: {ja}", detail=f"{field}: {en}")
