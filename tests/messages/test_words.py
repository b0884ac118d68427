"""Words hold exactly what was given, and a wrong value is refused by the name of its field."""

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coin.core import keccak256
from coin.errors import InvalidInput
from coin.messages import (
    MESSAGE_TYPES,
    Calendar,
    Domain,
    Receipt,
    StoredMessage,
    TransferWithAuthorization,
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
GOOD = TransferWithAuthorization(
    payer=bytes([1]) * 20,
    payee=bytes([2]) * 20,
    value=100,
    valid_after_s=0,
    valid_before_s=2_000_000_000,
    nonce=bytes(32),
)
NO_UNIT = re.compile("_s$")
SIGNED = {"from": "payer", "to": "payee"}
SIGNED_NAMES = {
    "facts_hash": "facts",
    "payer": "from",
    "payee": "to",
    "from_account": "from",
    "to_account": "to",
}
OF_MANUAL = {"SpendPermit", "TicketSpend", "Refund"}  # their payer and payee are called so in the manual


def values_of(kind):
    return st.tuples(*(KINDS[form] for form, _ in kind.TYPE.fields))


@pytest.mark.parametrize("kind", MESSAGE_TYPES.values(), ids=MESSAGE_TYPES)
@settings(max_examples=20)
@given(st.data())
def test_what_is_written_as_words_is_read_back_the_same(kind, data):
    message = kind(*data.draw(values_of(kind)))

    read = kind.TYPE.values(message.words)

    texts = [form == "string" for form, _ in kind.TYPE.fields]
    wanted = [
        keccak256(value.encode()) if is_text else value
        for value, is_text in zip(message.values, texts, strict=True)
    ]
    assert list(read.values()) == wanted
    assert not issubclass(kind, StoredMessage) or kind.parse(message.words) == message
    assert issubclass(kind, StoredMessage) == (True not in texts)


@pytest.mark.parametrize("kind", MESSAGE_TYPES.values(), ids=MESSAGE_TYPES)
def test_a_field_has_the_type_and_the_name_that_are_signed_without_its_unit(kind):
    forms = {"address": bytes, "uint256": int, "bytes32": bytes, "string": str}
    for field, (form, name) in zip(fields(kind), kind.TYPE.fields, strict=True):
        plain = NO_UNIT.sub("", field.name)
        camel = re.sub("_(.)", lambda found: found[1].upper(), plain)
        wanted = camel if kind.TYPE.name in OF_MANUAL else SIGNED_NAMES.get(field.name, camel)
        assert (field.type, wanted) == (forms[form], name)


@pytest.mark.parametrize("kind", MESSAGE_TYPES.values(), ids=MESSAGE_TYPES)
def test_a_change_of_any_one_field_changes_the_digest(kind):
    domain = Domain.for_municipality("074071", 1, bytes(20))
    forms = [form for form, _ in kind.TYPE.fields]
    base = [BASE[form] for form in forms]
    changed = [[*base[:place], CHANGED[form], *base[place + 1 :]] for place, form in enumerate(forms)]

    digests = {kind(*values).digest(domain) for values in [base, *changed]}

    assert len(digests) == 1 + len(forms)


def test_hex_and_bytes_give_the_same_words():
    address = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    as_text = replace(GOOD, payer=checksum_address(address), nonce="0x" + "00" * 32)

    assert as_text.words == replace(GOOD, payer=address).words
    assert as_text.words == replace(as_text, payer="0x" + address.hex()).words


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
        replace(GOOD, **{SIGNED.get(field, field): value}).words  # noqa: B018

    assert refusal.value.field == field
    assert refusal.value.code == "invalid_input"


def test_a_missing_and_an_unknown_field_make_no_message():
    with pytest.raises(TypeError, match="nonce"):
        Calendar(lane=0, expiry_s=1)
    with pytest.raises(TypeError, match="extra"):
        Calendar(lane=0, expiry_s=1, nonce=2, extra=3)


def test_a_text_that_is_no_text_is_refused_and_named():
    values = {"address": bytes(20), "uint256": 1, "bytes32": bytes(32), "string": ""}
    good = Receipt(*(values[form] for form, _ in Receipt.TYPE.fields))

    for no_text in (None, b"till", 5, "\ud800"):
        with pytest.raises(InvalidInput) as refusal:
            replace(good, till=no_text).words  # noqa: B018
        assert refusal.value.field == "till"


def test_words_of_another_length_or_with_a_dirty_address_are_refused():
    domain = Domain.for_municipality("074071", 1, bytes(20))
    kind, words = TransferWithAuthorization, GOOD.words

    with pytest.raises(InvalidInput):
        kind.parse(words[:-1])
    with pytest.raises(InvalidInput):
        kind.TYPE.digest(domain, words + bytes(32))
    with pytest.raises(InvalidInput) as dirty:
        kind.parse(b"\x01" + words[1:])

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
