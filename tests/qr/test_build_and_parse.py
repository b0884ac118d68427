"""Whatever is built is read back the same, and what does not fit is never built."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coin.errors import InvalidInput
from coin.qr.text import Dynamic, Static, build, parse
from coin.qr.tlv import item

ASCII = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
JAPANESE = st.text(st.sampled_from("磐梯そば処会津ﾊﾞﾝ　・ー 𠮷A1"), max_size=25)
FIELDS = {
    "municipality": st.from_regex(r"[0-9]{6}", fullmatch=True),
    "merchant_number": st.integers(1, 999_999),
    "sticker_version": st.integers(0, 99),
    "name": st.text(ASCII, min_size=1, max_size=25),
    "city": st.text(ASCII, min_size=1, max_size=15),
    "category": st.from_regex(r"[0-9]{4}", fullmatch=True),
    "name_ja": JAPANESE,
}
BASE32 = st.text(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), min_size=26, max_size=26)
STATIC = st.builds(Static, **FIELDS)
DYNAMIC = st.builds(Dynamic, **FIELDS, amount_yen=st.integers(1, (1 << 24) - 1), checkout=BASE32)
SHOP = Dynamic(
    municipality="074071",
    merchant_number=12,
    sticker_version=1,
    name="SOBADOKORO",
    city="BANDAI",
    amount_yen=1250,
    checkout="0" * 26,
)


@settings(max_examples=150)
@given(st.one_of(STATIC, DYNAMIC))
def test_what_was_built_is_read_back_the_same(code):
    text = build(code)

    assert parse(text) == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("municipality", "74071"),
        ("municipality", "０７４０７１"),
        ("merchant_number", 0),
        ("merchant_number", 1_000_000),
        ("merchant_number", True),
        ("sticker_version", 100),
        ("sticker_version", -1),
        ("name", ""),
        ("name", "N" * 26),
        ("name", "そば"),
        ("name", "tab\there"),
        ("city", ""),
        ("city", "C" * 16),
        ("category", "581"),
        ("name_ja", "梯" * 26),
        ("name_ja", "磐\n梯"),
        ("name_ja", "磐\u202e梯"),
        ("name_ja", "\ud800"),
        ("amount_yen", 0),
        ("amount_yen", 1 << 24),
        ("amount_yen", 12.0),
        ("amount_yen", "1250"),
        ("checkout", "0" * 25),
        ("checkout", "I" * 26),
        ("checkout", "a" * 26),
    ],
)
def test_a_field_that_does_not_fit_is_not_built_and_is_named(field, value):
    fields = {name: getattr(SHOP, name) for name in [*FIELDS, "amount_yen", "checkout"]} | {field: value}

    with pytest.raises(InvalidInput) as refusal:
        build(Dynamic(**fields))

    assert refusal.value.field == field


@pytest.mark.parametrize("value", ["", "x" * 100])
def test_an_item_without_a_value_or_of_a_hundred_characters_is_not_written(value):
    with pytest.raises(InvalidInput) as refusal:
        item("59", value)

    assert refusal.value.field == "59"
