"""A signature has one 64-byte and one 65-byte shape, and a twin with a high s has none."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coin.errors import InvalidInput, Rejected, Rejection
from coin.messages import to_64, to_65

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
R = bytes([7]) * 32


def shaped(s: int, v: int) -> bytes:
    return R + s.to_bytes(32, "big") + bytes([v])


@given(st.integers(1, ORDER // 2), st.sampled_from([27, 28]))
def test_the_two_shapes_turn_into_each_other_without_loss(s, v):
    full = shaped(s, v)

    short = to_64(full)

    assert len(short) == 64
    assert to_65(short) == full
    assert to_64(short) == short


@given(st.integers(1, ORDER // 2), st.sampled_from([0, 1]))
def test_v_of_0_and_1_is_accepted_and_written_as_27_and_28(s, parity):
    assert to_65(shaped(s, parity)) == shaped(s, 27 + parity)


@given(st.integers(ORDER // 2 + 1, (1 << 256) - 1), st.sampled_from([0, 1, 27, 28]))
def test_a_high_s_is_refused_in_every_shape(s, v):
    for change in (to_65, to_64):
        with pytest.raises(Rejected) as refusal:
            change(shaped(s, v))
        assert refusal.value.reason is Rejection.SIGNATURE_INVALID


def test_a_high_s_that_fits_below_the_parity_bit_is_refused_in_64_bytes_too():
    s = ORDER // 2 + 1
    assert s < 1 << 255

    with pytest.raises(Rejected):
        to_65(R + s.to_bytes(32, "big"))


@pytest.mark.parametrize("v", [2, 3, 26, 29, 30, 35, 255])
def test_any_other_v_is_refused(v):
    with pytest.raises(Rejected) as refusal:
        to_65(shaped(1, v))

    assert refusal.value.code == "signature_invalid"


@pytest.mark.parametrize("size", [0, 1, 63, 66, 130])
def test_another_length_is_refused_and_named(size):
    with pytest.raises(InvalidInput) as refusal:
        to_64(bytes(size))

    assert refusal.value.field == "signature"


def test_importing_messages_loads_no_web3_no_eth_account_and_no_database():
    heavy = ("web3", "eth_account", "sqlalchemy", "psycopg", "fastapi", "httpx")
    program = f"import sys, coin.messages; print([m for m in {heavy!r} if m in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
