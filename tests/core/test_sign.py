"""Signatures are RFC 6979's, low in s, and every independent implementation takes them."""

import pytest
from coincurve import PrivateKey
from eth_keys import keys as eth_keys

from coin import core
from coin.errors import MalformedBatch
from tests.core.cases import ORDER, digest_of, join, s_of, secret_of


def test_signatures_equal_coincurve_and_eth_keys_byte_for_byte() -> None:
    secrets = [secret_of(i) for i in range(40)]
    digests = [digest_of(i) for i in range(40)]

    signatures = core.split(core.sign(join(secrets), join(digests)), 65)

    for secret, digest, signature in zip(secrets, digests, signatures, strict=True):
        raw = PrivateKey(secret).sign_recoverable(digest, hasher=None)
        assert signature == raw[:64] + bytes([27 + raw[64]])
        assert signature[:64] == eth_keys.PrivateKey(secret).sign_msg_hash(digest).to_bytes()[:64]
        assert 0 < s_of(signature) <= ORDER // 2


def test_addresses_and_public_keys_equal_eth_keys() -> None:
    secrets = [secret_of(i) for i in range(20)] + [(1).to_bytes(32, "big"), (ORDER - 1).to_bytes(32, "big")]
    theirs = [eth_keys.PrivateKey(secret).public_key for secret in secrets]

    assert core.split(core.public_keys(join(secrets)), 64) == [key.to_bytes() for key in theirs]
    assert core.split(core.addresses(join(secrets)), 20) == [key.to_canonical_address() for key in theirs]


@pytest.mark.parametrize("number", [0, ORDER, 2**256 - 1])
def test_a_number_that_is_no_secret_key_is_refused_without_being_shown(number: int) -> None:
    keys = secret_of(1) + number.to_bytes(32, "big")

    with pytest.raises(MalformedBatch) as caught:
        core.sign(keys, bytes(64))

    assert "row 1" in caught.value.en
    assert number.to_bytes(32, "big").hex() not in str(caught.value)


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedBatch):
        core.sign(secret_of(1), bytes(64))
