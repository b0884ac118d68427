"""An authorization has a packed and a general form: which one is written, and what is the same signed message."""

import pytest

from coin import messages
from coin.records.codec import decode_batch, encode_batch
from coin.records.effects import Effect
from coin.records.kinds import Kind
from coin.records.sameness import of_effect, of_record

PAYER, PAYEE = b"\xa1" * 20, b"\xb2" * 20
SIGNATURE = b"\x11" * 32 + b"\x22" * 32 + b"\x1b"
END_S = 1_658_458_800
WINDOWED, RANDOM = 0x01_2345, 1 << 24


def authorized(kind: Kind, nonce: int) -> Effect:
    """What waits in the journal for a payment or a send."""
    said = messages.TransferWithAuthorization(
        payer=PAYER,
        payee=PAYEE,
        value=500,
        valid_after_s=0,
        valid_before_s=END_S,
        nonce=nonce.to_bytes(32, "big"),
    )
    return Effect(1, kind, said.words, SIGNATURE, PAYER)


@pytest.mark.parametrize("late_s", [0, 1, 86_400])
@pytest.mark.parametrize(
    ("kind", "general"), [(Kind.PAYMENT, Kind.PAYMENT_GENERAL), (Kind.SEND, Kind.SEND_GENERAL)]
)
def test_an_authorization_that_ended_before_as_of_is_written_in_the_general_form(
    kind: Kind, general: Kind, late_s: int
) -> None:
    effect = authorized(kind, WINDOWED)

    (record,) = decode_batch(encode_batch([effect], END_S + late_s), 1, END_S + late_s)

    assert record.kind == (general if late_s else kind)
    assert record.values["validBefore"] == END_S
    assert record.signatures == SIGNATURE
    assert of_record(record) == of_effect(effect)


def test_windowed_nonces_are_the_same_by_their_low_bits_and_random_ones_only_whole() -> None:
    packed, general = Kind.PAYMENT, Kind.PAYMENT_GENERAL
    low = WINDOWED & 0xFFFF

    assert of_effect(authorized(general, WINDOWED)) == of_effect(authorized(packed, low))
    assert of_effect(authorized(general, RANDOM)) == of_effect(authorized(general, RANDOM))
    assert of_effect(authorized(general, RANDOM + low)) != of_effect(authorized(packed, low))
    assert of_effect(authorized(general, RANDOM + low)) != of_effect(authorized(general, 2 * RANDOM + low))
