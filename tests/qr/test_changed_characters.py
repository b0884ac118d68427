"""A code in which somebody or something changed a character never leads to another merchant or amount."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coin.errors import InvalidInput
from coin.qr.text import Dynamic, Static, build, parse
from coin.qr.tlv import crc

sys.path.insert(0, str(Path(__file__).parent))
import independent

SHOP = {
    "municipality": "074071",
    "merchant_number": 12,
    "sticker_version": 1,
    "name": "SOBADOKORO BANDAI",
    "city": "BANDAI",
    "name_ja": "そば処　磐梯",
}
CODES = [Static(**SHOP), Dynamic(**SHOP, amount_yen=1250, checkout="01J9ZK5V6QWERTY0123456789A")]
REPLACEMENTS = [chr(c) for c in range(0x20, 0x7F)] + list("\n\x00é０１２そ磐\ufeff\ud800𠮷")


def acts_on(code):
    amount_and_checkout = (code.amount_yen, code.checkout) if isinstance(code, Dynamic) else None
    return type(code), code.municipality, code.merchant_number, amount_and_checkout


def read(text):
    try:
        return parse(text)
    except InvalidInput:
        return None


@pytest.mark.parametrize("code", CODES, ids=["static", "dynamic"])
def test_any_one_character_changed_is_refused_or_changes_nothing_that_is_acted_on(code):
    text = build(code)
    changed = [text[:i] + c + text[i + 1 :] for i in range(len(text)) for c in REPLACEMENTS if c != text[i]]

    answers = [read(other) for other in changed]

    assert {acts_on(answer) for answer in answers if answer} <= {acts_on(code)}
    assert sum(answer is None for answer in answers) > 0.999 * len(changed)


@pytest.mark.parametrize("code", CODES, ids=["static", "dynamic"])
def test_any_one_ascii_character_changed_lost_or_doubled_is_refused(code):
    text = build(code)
    spots = range(len(text))
    lost = [text[:i] + text[i + 1 :] for i in spots]
    doubled = [text[:i] + text[i] + text[i:] for i in spots]
    changed = [text[:i] + c + text[i + 1 :] for i in spots for c in "0159AZ" if c != text[i] < "\x7f"]

    assert [other for other in lost + doubled + changed if read(other)] == []


@settings(max_examples=300)
@given(st.sampled_from(CODES), st.data())
def test_a_forged_code_with_a_right_checksum_means_to_us_what_it_means_to_another_reader(code, data):
    body = build(code)[:-4]
    spot = data.draw(st.integers(4, len(body) - 5))
    length = data.draw(st.integers(0, 6))
    new = data.draw(st.text(st.sampled_from("0123456789AJPC そ０"), max_size=6))
    forged = body[:spot] + new + body[spot + length :]
    forged += crc(forged)

    answer = read(forged)

    if answer:
        meaning = independent.meaning(forged)
        assert meaning["kind"] == type(answer).__name__
        assert int(meaning["merchant"]) == answer.merchant_number
        assert meaning["municipality"] == answer.municipality
        assert meaning["amount"] == str(getattr(answer, "amount_yen", ""))
        assert meaning["checkout"] == getattr(answer, "checkout", "")


@given(st.text(max_size=80))
def test_any_text_at_all_is_refused_with_an_error_of_ours(tail):
    for text in (tail, "000201" + tail, "000201" + tail + "6304" + crc("000201" + tail + "6304")):
        assert read(text) is None
