"""The published references are those of the code, and of a second way that shares none of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hmac_by_hand import hmac_sha256, of_payout, of_slip

from coin.references import payout_reference, slip_reference

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "references.json").read_text("utf-8")
)
KEY = bytes.fromhex(VECTORS["slip_key"][2:])


@pytest.mark.parametrize(
    ("key", "text", "known"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ],
)
def test_the_second_way_is_that_of_rfc_4231(key: bytes, text: bytes, known: str) -> None:
    assert hmac_sha256(key, text).hex() == known


@pytest.mark.parametrize("vector", VECTORS["slips"], ids=lambda vector: vector["typed"][:12])
def test_a_slip_has_its_published_reference_both_ways(vector: dict[str, str]) -> None:
    made = [way(KEY, vector["typed"]) for way in (slip_reference, of_slip)]

    assert ["0x" + reference.hex() for reference in made] == [vector["reference"]] * 2


@pytest.mark.parametrize("vector", VECTORS["payouts"], ids=lambda vector: vector["payout"])
def test_a_payout_has_its_published_reference_both_ways(vector: dict[str, Any]) -> None:
    made = [way(vector["payout"], vector["merchant"]) for way in (payout_reference, of_payout)]

    assert ["0x" + reference.hex() for reference in made] == [vector["reference"]] * 2
