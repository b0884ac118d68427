"""A key signs as the standards say, comes back from its words, and nothing else loads with it."""

import hashlib
import re
import subprocess
import sys
import unicodedata

import pytest
from eth_account import Account
from eth_account.hdaccount import HDPath
from hypothesis import given, settings
from hypothesis import strategies as st

from bandai_client import Key, signer_of
from coin.errors import InvalidInput, Rejected
from coin.messages import checksum_address
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KNOWN_WORDS = "test test test test test test test test test test test junk"


@settings(max_examples=30)
@given(st.integers(1, ORDER - 1), st.binary(min_size=32, max_size=32))
def test_address_and_signature_are_those_of_eth_account(number, digest):
    key = Key(number.to_bytes(32, "big"))
    peer = Account.from_key(key.secret)

    signature = key.sign(digest)

    assert str(key) == peer.address
    assert signature == bytes(peer.unsafe_sign_hash(digest).signature)
    assert signer_of(digest, signature) == key.address


@pytest.mark.parametrize("secret", [b"", bytes(32), bytes(31), b"\xff" * 32, b"\x01" * 33, b"\x01" * 64])
def test_bytes_that_are_no_key_are_refused(secret):
    with pytest.raises(InvalidInput) as refusal:
        Key(secret)

    assert refusal.value.field == "key"
    assert secret.hex() not in str(refusal.value) or not secret


@pytest.mark.parametrize(
    "signature", [bytes(65), bytes(32) + b"\x01" * 32 + b"\x1b", b"\xff" * 32 + b"\x01" * 32 + b"\x1b"]
)
def test_a_signature_that_nobody_made_has_no_signer(signature):
    with pytest.raises(Rejected) as refusal:
        signer_of(bytes(32), signature)

    assert refusal.value.code == "signature_invalid"


def test_recovery_words_give_the_addresses_that_every_wallet_derives_from_them():
    derived = [str(key_from_words(KNOWN_WORDS, index)) for index in (0, 1)]

    assert derived == [
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    ]


def test_new_words_are_twelve_always_others_and_lead_back_to_one_key():
    one, two = new_recovery_words(), new_recovery_words()

    assert len(one.split()) == 12
    assert one != two
    assert key_from_words("  " + one.upper().replace(" ", "\n")) == key_from_words(one)


@pytest.mark.parametrize(
    "typed",
    [
        lambda words: words.replace(" ", "\u3000"),
        lambda words: unicodedata.normalize("NFD", words),
        lambda words: "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in words),
        lambda words: "\n".join(words.split()),
        lambda words: " ".join(f"{n}.　{word}" for n, word in enumerate(words.split(), 1)),
        lambda words: "、".join(words.split()),
    ],
    ids=["wide spaces", "marks apart", "katakana", "a line each", "numbers", "commas"],
)
def test_words_in_hiragana_lead_back_to_one_key_however_they_are_typed(typed):
    words = " ".join(new_recovery_words(WordList.JAPANESE).split())

    assert re.fullmatch("[ぁ-ゖー ]+", words)
    assert key_from_words(typed(words)) == key_from_words(words)


def test_the_key_of_hiragana_words_is_the_one_that_bip_39_derives():
    # The seed is PBKDF2-HMAC-SHA512 over the decomposed words joined by plain spaces, 2,048 rounds, salt "mnemonic".
    words = "あいこくしん " * 11 + "あおぞら"
    seed = hashlib.pbkdf2_hmac("sha512", unicodedata.normalize("NFKD", words).encode(), b"mnemonic", 2048)
    node = HDPath("m/44'/60'/0'/0/0").derive(seed)

    assert key_from_words(words).secret == node


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", ["12", "0"]),
        (KNOWN_WORDS[:-5], ["12", "11"]),
        ("test " * 12, []),
        (KNOWN_WORDS.replace("junk", "磐梯"), ["12"]),
        (
            "あいこくしん " * 4 + "あいこくしよん あいさつ あいこくしん test " + "あいこくしん " * 4,
            ["5", "8"],
        ),
        ("磐梯 " * 12, []),
    ],
)
def test_words_that_are_wrong_are_refused_by_their_places_and_never_repeated(words, numbers):
    with pytest.raises(InvalidInput) as refusal:
        key_from_words(words)

    assert refusal.value.code == "recovery_words_wrong"
    assert re.findall("[0-9]+", refusal.value.ja) == numbers
    assert not [word for word in words.split() if word in refusal.value.ja + refusal.value.en]


def test_a_known_address_is_written_with_its_capitals():
    assert checksum_address(key_from_words(KNOWN_WORDS).address).startswith("0xf39Fd6e5")


def test_neither_the_client_nor_the_commands_load_a_database_a_chain_a_server_or_eth_account():
    forbidden = (
        "sqlalchemy",
        "psycopg",
        "web3",
        "fastapi",
        "uvicorn",
        "eth_account",
        "coin.database",
        "coin.ledger",
        "api",
    )
    program = (
        "import sys, bandai_client, wallet_cli.resident.main, wallet_cli.till.main;"
        f"print([m for m in {forbidden!r} if m in sys.modules])"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
