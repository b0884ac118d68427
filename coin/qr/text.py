"""The text of the two QR codes: the static sticker of a merchant, and the dynamic code of a checkout.

Decides the content of a code, and refuses every code that is not certainly ours. Only the gateway knows whether the merchant
exists and what the checkout asks for. A wallet shows the gateway's answer, never the name in the code.

Source:  docs/formats.md §5; EMVCo Merchant-Presented Mode 1.1.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from coin.errors import InvalidInput
from coin.formats import MAX_LANE_YEN, MAX_MERCHANT_NUMBER
from coin.qr.tlv import Fault, item, open_sealed, read_items, seal

OUR_SYSTEM = "ebf47177d283479f9d0a40b74d6c7399"
YEN = "392"
JAPAN = "JP"
NO_CATEGORY = "0000"
_STATIC, _DYNAMIC = "11", "12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """A sticker: it names a merchant, and the payer types the amount."""

    municipality: str
    merchant_number: int
    sticker_version: int
    name: str
    city: str
    category: str = NO_CATEGORY
    name_ja: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dynamic(Static):
    """A code of one checkout: merchant, amount and the checkout's id."""

    amount_yen: int
    checkout: str


def _is(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _within(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _is_japanese_name(value: object) -> bool:
    # Python's isprintable refuses the full-width space, which Japanese names contain.
    return isinstance(value, str) and len(value) <= 25 and value.replace("\u3000", " ").isprintable()


_RULES: dict[str, tuple[Callable[[object], bool], str, str]] = {
    "municipality": (_is("[0-9]{6}"), "市町村コードは 6 桁の数字です。", "six digits"),
    "merchant_number": (_within(1, MAX_MERCHANT_NUMBER), "加盟店番号は 1 から 999999 です。", "1 to 999999"),
    "sticker_version": (_within(0, 99), "ステッカーの版は 0 から 99 です。", "0 to 99"),
    "name": (_is("[ -~]{1,25}"), "店名は半角 1 から 25 文字です。", "1 to 25 ASCII characters"),
    "city": (_is("[ -~]{1,15}"), "市町村名は半角 1 から 15 文字です。", "1 to 15 ASCII characters"),
    "category": (_is("[0-9]{4}"), "業種は 4 桁の数字です。", "four digits"),
    "name_ja": (_is_japanese_name, "日本語の店名は 25 文字までです。", "at most 25 printable characters"),
    "amount_yen": (_within(1, MAX_LANE_YEN), "金額は 1 から 16,777,215 円です。", "1 to 16777215 yen"),
    "checkout": (
        _is("[0-9A-HJKMNP-TV-Z]{26}"),
        "お会計番号は 26 文字です。",
        "26 characters of Crockford base32",
    ),
}
_FAULTS = {"amount_yen": Fault.AMOUNT_WRONG, "checkout": Fault.CHECKOUT_WRONG}
_DYNAMIC_FIELDS = tuple(_FAULTS)


def _wrong_field(code: Static) -> str | None:
    fields = [field for field in _RULES if isinstance(code, Dynamic) or field not in _DYNAMIC_FIELDS]
    return next((field for field in fields if not _RULES[field][0](getattr(code, field))), None)


def build(code: Static | Dynamic) -> str:
    """Write the text of a code.

    Raises:  InvalidInput naming the first field that does not fit.
    """
    if field := _wrong_field(code):
        _, ja, en = _RULES[field]
        raise InvalidInput(f"{field}: {ja}", f"{field}: {en}", field=field)
    dynamic = code if isinstance(code, Dynamic) else None
    items = [
        item("00", "01"),
        item("01", _DYNAMIC if dynamic else _STATIC),
        item("27", _template(code, dynamic)),
        item("52", code.category),
        item("53", YEN),
        *([item("54", str(dynamic.amount_yen))] if dynamic else []),
        item("58", JAPAN),
        item("59", code.name),
        item("60", code.city),
        *([item("64", item("00", "JA") + item("01", code.name_ja))] if code.name_ja else []),
    ]
    return seal(items)


def _template(code: Static, dynamic: Dynamic | None) -> str:
    parts = [
        item("00", OUR_SYSTEM),
        item("01", code.municipality),
        item("02", f"{code.merchant_number:06d}"),
        item("03", f"{code.sticker_version:02d}"),
    ]
    return "".join(parts) + (item("04", dynamic.checkout) if dynamic else "")


def parse(text: str) -> Static | Dynamic:
    """Parse a code of ours strictly; unknown items are ignored.

    Raises:  InvalidInput, with the code of a `coin.qr.tlv.Fault`.
    """
    items = open_sealed(text)
    template = _our_template(items)
    _check_world(items)
    code = _read_fields(items, template)
    if field := _wrong_field(code):
        raise _FAULTS.get(field, Fault.MALFORMED).error(field)
    return code


def _read_fields(items: dict[str, str], template: dict[str, str]) -> Static | Dynamic:
    if _initiation(items) == _STATIC:
        _refuse_surplus(items, template)
        return Static(**_common(items, template))
    return Dynamic(
        **_common(items, template),
        amount_yen=_amount(items.get("54", "")),
        checkout=template.get("04", ""),
    )


def _our_template(items: dict[str, str]) -> dict[str, str]:
    # Another system may use id 27 for anything, even text without items: such a code is not ours, and not malformed.
    value = items.get("27", "")
    if OUR_SYSTEM not in value:
        raise Fault.OTHER_SYSTEM.error("27")
    template = read_items(value, within="27")
    if template.get("00") != OUR_SYSTEM:
        raise Fault.OTHER_SYSTEM.error("27")
    return template


def _check_world(items: dict[str, str]) -> None:
    if items.get("53") != YEN:
        raise Fault.CURRENCY_WRONG.error("53")
    if items.get("58") != JAPAN:
        raise Fault.COUNTRY_WRONG.error("58")


def _initiation(items: dict[str, str]) -> str:
    method = items.get("01", "")
    if method not in (_STATIC, _DYNAMIC):
        raise Fault.MALFORMED.error("01")
    return method


def _refuse_surplus(items: dict[str, str], template: dict[str, str]) -> None:
    if "54" in items:
        raise Fault.AMOUNT_WRONG.error("54")
    if "04" in template:
        raise Fault.CHECKOUT_WRONG.error("04")


class _Common(TypedDict):
    municipality: str
    merchant_number: int
    sticker_version: int
    name: str
    city: str
    category: str
    name_ja: str


def _common(items: dict[str, str], template: dict[str, str]) -> _Common:
    language = read_items(items["64"], within="64") if "64" in items else {}
    return {
        "municipality": template.get("01", ""),
        "merchant_number": _number(template.get("02", ""), 6),
        "sticker_version": _number(template.get("03", ""), 2),
        "name": items.get("59", ""),
        "city": items.get("60", ""),
        "category": items.get("52", ""),
        "name_ja": language.get("01", "") if language.get("00") == "JA" else "",
    }


def _number(digits: str, length: int) -> int:
    """Return the number that exactly `length` ASCII digits write; -1, which no rule accepts, for anything else."""
    return int(digits) if re.fullmatch(f"[0-9]{{{length}}}", digits) else -1


def _amount(digits: str) -> int:
    return int(digits) if re.fullmatch("[1-9][0-9]{0,7}", digits) else -1
