"""Make qr.json: codes of ours with their fields, the official EMVCo sample, and codes that a reader refuses.

Run from the repository's root: python tests/vectors/make_qr.py
Checked by: a reader of its own in tests/qr/independent.py (checksum bit by bit, items by hand), and zxing-cpp
from the PNG of every accepted code.
"""

import json
from dataclasses import asdict
from pathlib import Path

from coin.qr.text import OUR_SYSTEM, Dynamic, Static, build
from coin.qr.tlv import item, seal

TARGET = Path(__file__).with_name("qr.json")
# The example of EMVCo Merchant-Presented Mode 1.1, annex; its checksum is A13A.
OFFICIAL = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603"
    "***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
JPQR = (
    item("00", "01")
    + item("01", "11")
    + item("26", item("00", "jp.or.paymentsjapan") + item("01", "0000000000000") + item("02", "0001"))
    + item("52", "5812")
    + item("53", "392")
    + item("58", "JP")
    + item("59", "SOBADOKORO")
    + item("60", "BANDAI")
)
CHECKOUT = "01J9ZK5V6QWERTY0123456789A"
SHOP = {
    "municipality": "074071",
    "merchant_number": 12,
    "sticker_version": 1,
    "name": "SOBADOKORO BANDAI",
    "city": "BANDAI-MACHI",
}
ACCEPTED: tuple[Static, ...] = (
    Static(**SHOP, category="5812", name_ja="そば処　磐梯"),
    Static(**SHOP),
    Static(
        municipality="074071",
        merchant_number=999_999,
        sticker_version=99,
        name="~ The longest name: 25 c~",
        city="15 characters..",
        category="9999",
        name_ja="会津磐梯山の麓の商店街にある、一番長い名前の店・𠮷",
    ),
    Dynamic(**SHOP, category="5812", name_ja="そば処　磐梯", amount_yen=1_250, checkout=CHECKOUT),
    Dynamic(**SHOP, amount_yen=1, checkout="0" * 26),
    Dynamic(**SHOP, amount_yen=16_777_215, checkout="Z" * 26),
)
OURS = {
    "00": "01",
    "01": "12",
    "27": {"00": OUR_SYSTEM, "01": "074071", "02": "000012", "03": "01", "04": CHECKOUT},
    "52": "0000",
    "53": "392",
    "54": "1250",
    "58": "JP",
    "59": "SOBADOKORO BANDAI",
    "60": "BANDAI-MACHI",
}


def write(items: dict[str, object]) -> str:
    """Write items, templates inside, without the rules of `build`."""
    return "".join(
        item(tag, write(value) if isinstance(value, dict) else str(value)) for tag, value in items.items()
    )


def changed(**changes: object) -> str:
    """Give our dynamic code with ids (t54=...) changed, or left out (None), and a right checksum."""
    items = OURS | {key[1:]: value for key, value in changes.items()}
    return seal([write({tag: value for tag, value in items.items() if value is not None})])


def template(**changes: object) -> dict[str, object]:
    """Give the merchant template with sub-ids changed or left out."""
    items = dict(OURS["27"]) | {key[1:]: value for key, value in changes.items()}  # type: ignore[call-overload]
    return {tag: value for tag, value in items.items() if value is not None}


def refused() -> list[tuple[str, str, str, str | None]]:
    """Give (what is wrong, text, code, field) of each refusal."""
    good = changed()
    other = "1b4e28ba2fa111d2883f0016d3cca427"
    return [
        ("a web address", "https://example.jp/pay?to=12", "qr_not_emvco", "00"),
        ("nothing", "", "qr_not_emvco", "00"),
        ("another format's version", good.replace("000201", "000202", 1), "qr_not_emvco", "00"),
        ("longer than a code can be", changed() + "0" * 512, "qr_not_emvco", "00"),
        ("one digit of the amount changed", good.replace("54041250", "54041350"), "qr_crc_wrong", "63"),
        ("checksum in small letters", good[:-4] + "6b0f", "qr_crc_wrong", "63"),
        ("cut short", good[:-5], "qr_crc_wrong", "63"),
        ("a line end behind it", good + "\n", "qr_crc_wrong", "63"),
        ("the official sample", OFFICIAL, "qr_other_system", "27"),
        ("a JPQR code", seal([JPQR]), "qr_other_system", "27"),
        (
            "id 27 of another system",
            changed(t27=template(t00=other)),
            "qr_other_system",
            "27",
        ),
        (
            "our id in another's template",
            changed(t27={"00": other, "01": OUR_SYSTEM}),
            "qr_other_system",
            "27",
        ),
        ("our template under another id", changed(t27=None, t26=template()), "qr_other_system", "27"),
        ("dollars", changed(t53="840"), "qr_currency_wrong", "53"),
        ("no currency", changed(t53=None), "qr_currency_wrong", "53"),
        ("another country", changed(t58="CN"), "qr_country_wrong", "58"),
        ("no country", changed(t58=None), "qr_country_wrong", "58"),
        ("an id twice", seal([write(OURS), item("54", "1")]), "qr_malformed", "54"),
        ("a length past the end", seal([write(OURS), "6199ab"]), "qr_malformed", "61"),
        ("an empty item", seal([write(OURS), "6100"]), "qr_malformed", "61"),
        ("letters for an id", seal([write(OURS), "x102ab"]), "qr_malformed", None),
        ("full-width digits for a length", seal([write(OURS), "61０２ab"]), "qr_malformed", None),
        ("a damaged template", changed(t27=write(template()) + "9"), "qr_malformed", "27"),
        (
            "the checksum inside a longer item",
            seal([write(OURS), "6112", "1234"]),
            "qr_malformed",
            "63",
        ),
        ("neither static nor dynamic", changed(t01="13"), "qr_malformed", "01"),
        ("no kind of code", changed(t01=None), "qr_malformed", "01"),
        ("no merchant", changed(t27=template(t02=None)), "qr_malformed", "merchant_number"),
        ("merchant 0", changed(t27=template(t02="000000")), "qr_malformed", "merchant_number"),
        ("five digits of a merchant", changed(t27=template(t02="00012")), "qr_malformed", "merchant_number"),
        (
            "full-width digits of a merchant",
            changed(t27=template(t02="００００１２")),
            "qr_malformed",
            "merchant_number",
        ),
        ("no municipality", changed(t27=template(t01=None)), "qr_malformed", "municipality"),
        ("no sticker version", changed(t27=template(t03=None)), "qr_malformed", "sticker_version"),
        ("no category", changed(t52=None), "qr_malformed", "category"),
        ("no name", changed(t59=None), "qr_malformed", "name"),
        ("a name in kanji where ASCII stands", changed(t59="磐梯"), "qr_malformed", "name"),
        ("no city", changed(t60=None), "qr_malformed", "city"),
        (
            "a terminal's control sequence in the name",
            changed(t64={"00": "JA", "01": "\x1b[2J磐梯"}),
            "qr_malformed",
            "name_ja",
        ),
        ("no amount", changed(t54=None), "qr_amount_wrong", "amount_yen"),
        ("amount 0", changed(t54="0"), "qr_amount_wrong", "amount_yen"),
        ("a leading zero", changed(t54="0125"), "qr_amount_wrong", "amount_yen"),
        ("half a yen", changed(t54="12.50"), "qr_amount_wrong", "amount_yen"),
        ("a negative amount", changed(t54="-125"), "qr_amount_wrong", "amount_yen"),
        ("full-width amount", changed(t54="１２５０"), "qr_amount_wrong", "amount_yen"),
        ("more than a lane holds", changed(t54="16777216"), "qr_amount_wrong", "amount_yen"),
        ("an amount on a sticker", changed(t01="11", t27=template(t04=None)), "qr_amount_wrong", "54"),
        ("no checkout", changed(t27=template(t04=None)), "qr_checkout_wrong", "checkout"),
        ("25 characters", changed(t27=template(t04=CHECKOUT[1:])), "qr_checkout_wrong", "checkout"),
        ("small letters", changed(t27=template(t04=CHECKOUT.lower())), "qr_checkout_wrong", "checkout"),
        (
            "a letter that base32 leaves out",
            changed(t27=template(t04="U" * 26)),
            "qr_checkout_wrong",
            "checkout",
        ),
        ("a checkout on a sticker", changed(t01="11", t54=None), "qr_checkout_wrong", "04"),
    ]


def unusual() -> list[tuple[str, str]]:
    """Give (what is unusual, text) of codes that mean the same as our dynamic code."""
    first, *rest = (item(tag, write(v) if isinstance(v, dict) else str(v)) for tag, v in OURS.items())
    return [
        ("ids backwards", seal([first, *reversed(rest)])),
        ("another system's template beside ours", changed(t26={"00": "jp.or.paymentsjapan"})),
        ("additional data", changed(t62={"01": "slip 5", "07": "till 1"})),
        ("ids of no meaning yet", changed(t65="later", t80={"00": OUR_SYSTEM[::-1]}, t99="x")),
        ("a name in another language", changed(t64={"00": "ZH", "01": "磐梯荞麦"})),
        ("an unknown sub-id in our template", changed(t27=template(t05="abc"))),
    ]


def accepted() -> list[dict[str, object]]:
    """Give every accepted code with the fields that it must be read as."""
    same = Dynamic(**SHOP, amount_yen=1_250, checkout=CHECKOUT)
    rows = [("built by us", code, build(code)) for code in ACCEPTED]
    rows += [(about, same, text) for about, text in unusual()]
    return [
        {"about": about, "kind": type(code).__name__, "fields": asdict(code), "text": text}
        for about, code, text in rows
    ]


def vectors() -> dict[str, object]:
    """Give the whole file."""
    return {
        "made_by": "tests/vectors/make_qr.py",
        "checked_by": "tests/qr/independent.py (checksum and items by hand); zxing-cpp from PNG",
        "official": {"text": OFFICIAL, "crc": "A13A"},
        "accepted": accepted(),
        "refused": [
            {"about": about, "text": text, "code": code, "field": field}
            for about, text, code, field in refused()
        ],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
