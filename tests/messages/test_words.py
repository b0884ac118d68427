"""Words hold exactly what was given, and a wrong value is refused by the name of its field."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coin.core import keccak256
from coin.errors import InvalidInput
from coin.messages import (
    CALENDAR,
    MESSAGE_TYPES,
    RECEIPT,
    TRANSFER_WITH_AUTHORIZATION,
    Domain,
    checksum_address,
    parse_address,
)

KINDS = {
    "address": st.binary(min_size=20, max_size=20),
    "uint256": st.integers(0, (1 << 256) - 1),
    "bytes32": st.binary(min_size=32, max_size=32),
    "string": st.text(max_size=40),
}
BASE = {"address": bytes(20), "uint256": 0, "bytes32": bytes(32), "string": ""}
CHANGED = {"address": bytes(19) + b"\x01", "uint256": 1, "bytes32": bytes(31) + b"\x01", "string": " "}
GOOD = {
    "from": bytes([1]) * 20,
    "to": bytes([2]) * 20,
    "value": 100,
    "validAfter": 0,
    "validBefore": 2_000_000_000,
    "nonce": bytes(32),
}


def values_of(message):
    return st.fixed_dictionaries({field: KINDS[kind] for kind, field in message.fields})


@pytest.mark.parametrize("message", MESSAGE_TYPES.values(), ids=MESSAGE_TYPES)
@settings(max_examples=20)
@given(st.data())
def test_what_is_written_as_words_is_read_back_the_same(message, data):
    values = data.draw(values_of(message))

    read = message.parse(message.words(values))

    texts = {field: keccak256(values[field].encode()) for kind, field in message.fields if kind == "string"}
    assert read == values | texts


@pytest.mark.parametrize("message", MESSAGE_TYPES.values(), ids=MESSAGE_TYPES)
def test_a_change_of_any_one_field_changes_the_digest(message):
    domain = Domain.for_municipality("074071", 1, bytes(20))
    base = {field: BASE[kind] for kind, field in message.fields}
    changed = [base | {field: CHANGED[kind]} for kind, field in message.fields]

    digests = {message.digest(domain, message.words(values)) for values in [base, *changed]}

    assert len(digests) == 1 + len(message.fields)


def test_hex_and_bytes_give_the_same_words():
    address = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    as_text = GOOD | {"from": checksum_address(address), "nonce": "0x" + "00" * 32}

    words = TRANSFER_WITH_AUTHORIZATION.words(as_text)

    assert words == TRANSFER_WITH_AUTHORIZATION.words(GOOD | {"from": address})
    assert words == TRANSFER_WITH_AUTHORIZATION.words(as_text | {"from": "0x" + address.hex()})


def test_from_may_be_given_as_a_keyword_with_an_underscore():
    rest = {key: value for key, value in GOOD.items() if key != "from"}

    words = TRANSFER_WITH_AUTHORIZATION.words(from_=GOOD["from"], **rest)

    assert words == TRANSFER_WITH_AUTHORIZATION.words(GOOD)


def test_the_checksum_of_eip55_is_written_as_in_its_own_examples():
    for example in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0x52908400098527886E0F7030069857D2E4169EE7",
    ):
        assert checksum_address(parse_address(example)) == example


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", bytes(19)),
        ("from", "0x" + "11" * 19),
        ("from", "11" * 20),
        ("from", "0x" + "zz" * 20),
        ("from", "0x" + "11 " * 13 + "1"),
        ("from", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("to", None),
        ("to", 5),
        ("value", -1),
        ("value", 1 << 256),
        ("value", 1.0),
        ("value", True),
        ("value", "100"),
        ("nonce", bytes(31)),
        ("nonce", 7),
        ("nonce", "0x07"),
    ],
)
def test_a_wrong_value_is_refused_and_its_field_named(field, value):
    with pytest.raises(InvalidInput) as refusal:
        TRANSFER_WITH_AUTHORIZATION.words(GOOD | {field: value})

    assert refusal.value.field == field
    assert refusal.value.code == "invalid_input"


def test_a_missing_and_an_unknown_field_are_refused_and_named():
    with pytest.raises(InvalidInput) as missing:
        CALENDAR.words(lane=0, expiry=1)
    with pytest.raises(InvalidInput) as unknown:
        CALENDAR.words(lane=0, expiry=1, nonce=2, extra=3)

    assert (missing.value.field, unknown.value.field) == ("nonce", "extra")


def test_a_text_that_is_no_text_is_refused_and_named():
    fields = {
        field: {"address": bytes(20), "uint256": 1, "bytes32": bytes(32)}.get(kind)
        for kind, field in RECEIPT.fields
    }

    for no_text in (None, b"till", 5, "\ud800"):
        with pytest.raises(InvalidInput) as refusal:
            RECEIPT.words(fields | {"till": no_text})
        assert refusal.value.field == "till"


def test_words_of_another_length_or_with_a_dirty_address_are_refused():
    domain = Domain.for_municipality("074071", 1, bytes(20))
    words = TRANSFER_WITH_AUTHORIZATION.words(GOOD)

    with pytest.raises(InvalidInput):
        TRANSFER_WITH_AUTHORIZATION.parse(words[:-1])
    with pytest.raises(InvalidInput):
        TRANSFER_WITH_AUTHORIZATION.digest(domain, words + bytes(32))
    with pytest.raises(InvalidInput) as dirty:
        TRANSFER_WITH_AUTHORIZATION.parse(b"\x01" + words[1:])

    assert dirty.value.field == "from"


@pytest.mark.parametrize("code", ["74071", "0740711", "07407x", "０７４０７１", ""])
def test_a_municipality_code_that_is_not_six_digits_is_refused(code):
    with pytest.raises(InvalidInput) as refusal:
        Domain.for_municipality(code, 1, bytes(20))

    assert refusal.value.field == "code"


def test_each_part_of_the_domain_changes_the_separator():
    base = ("BandaiCoin 074071", "1", 31337, bytes(20))
    others = [
        ("BandaiCoin 074080", *base[1:]),
        (base[0], "2", *base[2:]),
        (*base[:2], 1, base[3]),
        (*base[:3], bytes(19) + b"\x01"),
    ]

    separators = {Domain(*parts).separator for parts in [base, *others]}

    assert len(separators) == 5
