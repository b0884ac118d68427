"""One policy for signatures: compact, low s, the signer's own, over this contract on this chain."""

from dataclasses import replace
from typing import Any

import pytest

from coin import messages
from coin.messages import Domain
from coin.records.codec import encode_batch
from coin.records.effects import Effect
from tests.worlds.contract import Town
from tests.worlds.people import address_of
from tests.worlds.signing import sign

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PARITY = 1 << 255


def settle_with_compact(town: Town, effect: Effect, r: int, y_parity_and_s: int) -> list[str]:
    """Settle a single payment whose 64 signature bytes are replaced by these."""
    as_of_s = town.now_s() - 1
    data = encode_batch(town.numbered([effect]), as_of_s)
    signature = r.to_bytes(32, "big") + y_parity_and_s.to_bytes(32, "big")
    return town.settle_raw(data[:-64] + signature, 1, as_of_s).reasons


def compact(effect: Effect) -> tuple[int, int]:
    r, s = (int.from_bytes(effect.signatures[at : at + 32], "big") for at in (0, 32))
    return r, s | (effect.signatures[64] - 27) << 255


def test_the_signature_as_it_was_made_is_good(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1)

    assert settle_with_compact(town, effect, *compact(effect)) == ["none"]


def test_the_twin_with_the_high_s_is_refused_with_either_parity(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1)
    r, s = compact(effect)
    high = ORDER - (s & (PARITY - 1))

    # a high s needs the top bit that EIP-2098 gives to the parity, or stays just below it: neither form is good
    assert settle_with_compact(town, effect, r, (high & (PARITY - 1)) | (s & PARITY)) == ["signature_invalid"]
    assert settle_with_compact(town, effect, r, (high & (PARITY - 1)) | (~s & PARITY)) == [
        "signature_invalid"
    ]


def test_the_other_parity_recovers_somebody_else(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1)
    r, s = compact(effect)

    assert settle_with_compact(town, effect, r, s ^ PARITY) == ["signature_invalid"]


HALF = ORDER // 2


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, 0),
        (0, 1),
        (1, 0),
        (ORDER, 1),
        (ORDER - 1, HALF),
        (1, HALF + 1),
        ((1 << 256) - 1, (1 << 255) - 1),
        (5, 1),
    ],
)
def test_numbers_that_are_no_signature_are_refused(town: Town, r: int, s: int) -> None:
    effect = town.payment("aoi", "bakery", 1)

    assert settle_with_compact(town, effect, r, s) == ["signature_invalid"]
    assert town.balance("bakery") == 0


def test_nobody_signs_for_the_zero_address(town: Town) -> None:
    effect = town.top_up("ren", 5, nonce=0)
    as_of_s = town.now_s() - 1
    data = bytearray(encode_batch(town.numbered([effect]), as_of_s))
    record = 4 + 20
    data[record + 1 : record + 21] = bytes(20)
    data[record + 73 :] = bytes(64)

    assert town.settle_raw(bytes(data), 1, as_of_s).reasons == ["signature_invalid"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "BandaiCoin 074080"},
        {"version": "2"},
        {"chain_id": 1},
        {"verifying_contract": bytes(19) + b"\x01"},
    ],
)
def test_a_signature_for_another_contract_chain_name_or_version_is_refused(
    town: Town, change: dict[str, object]
) -> None:
    effect = town.payment("aoi", "bakery", 1)
    other = replace(town.domain, **change)  # type: ignore[arg-type]
    said = messages.TransferWithAuthorization.parse(effect.words)
    signature = sign(other, said, "aoi")

    town.refused(replace(effect, signatures=signature), "signature_invalid", uses_nonce=False)


@pytest.mark.parametrize("field", ["payee", "value", "valid_after_s", "valid_before_s", "nonce"])
def test_no_signed_field_can_be_changed_by_the_settler(town: Town, field: str) -> None:
    effect = town.payment("aoi", "bakery", 100, kind=0x05)
    signed = messages.TransferWithAuthorization.parse(effect.words)
    changed: dict[str, Any] = {
        "payee": address_of("inn"),
        "value": 101,
        "valid_after_s": 1,
        "valid_before_s": town.now_s() + 10,
        "nonce": (1).to_bytes(32, "big"),
    }
    words = replace(signed, **{field: changed[field]}).words

    town.refused(replace(effect, words=words), "signature_invalid", uses_nonce=False)


def test_the_contract_computes_the_domain_that_the_messages_are_signed_for(town: Town) -> None:
    assert town.call("DOMAIN_SEPARATOR") == town.domain.separator
    fields, name, version, chain_id, contract, salt, extensions = town.call("eip712Domain")
    told = Domain(name, version, chain_id, bytes.fromhex(contract[2:]))
    assert (fields, salt, extensions) == (b"\x0f", bytes(32), ())
    assert told == town.domain
    assert town.call("name") == "BandaiCoin 074071"
    assert town.call("version") == "1"
