"""What two of the staff signed once is carried out once: under no other first or second signer do their signatures count."""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import pytest

from coin.messages import StoredMessage, to_64
from coin.records.codec import encode_batch
from coin.records.effects import Effect
from coin.records.kinds import KINDS, SignedBy
from tests.worlds.contract import FIRST_EXPIRY_S, Town
from tests.worlds.people import address_of
from tests.worlds.signing import sign

STAFF = ("staff 1", "staff 2", "staff 3")
PAIRS = list(permutations(STAFF, 2))
NONCE = 60  # free in the window of each of the three
TWO_BYTES = 20 + 20 + 2 + 64 + 64

Record = Callable[..., Effect]
GIVEN: dict[str, Callable[[Town], Record]] = {
    "merchant": lambda town: lambda **signed: town.merchant("smith", 9, 1, **signed),
    "calendar": lambda town: lambda **signed: town.calendar(3, FIRST_EXPIRY_S + 86_400, **signed),
    "role": lambda town: lambda **signed: town.role("outsider", 2, 1_000_000, **signed),
}
TAKEN: dict[str, Callable[[Town], Effect]] = {
    "merchant": lambda town: town.merchant("smith", 9, 2),
    "role": lambda town: town.role("outsider", 0),
}


def test_every_kind_of_two_signatures_that_is_carried_out_stands_here() -> None:
    of_two = {row.en for row in KINDS.values() if row.signed_by is SignedBy.TWO_STAFF and row.is_carried_out}

    assert set(GIVEN) == of_two


def other_pairings(first: str, second: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Every other two signers, with the signatures in their order and in the other one."""
    for named in PAIRS:
        if named != (first, second):
            yield named, named
            yield named, (named[1], named[0])
    yield (first, second), (second, first)


def message_of(effect: Effect) -> StoredMessage:
    return KINDS[effect.kind].message.parse(effect.words)


def batch_of(town: Town, effect: Effect, pairings: Any) -> tuple[bytes, int]:
    """The same record once for each pairing: who is named as first and second, and who signed in which place."""
    as_of_s = town.now_s() - 1
    data, said = encode_batch(town.numbered([effect]), as_of_s), message_of(effect)
    head, record = data[: -KINDS[effect.kind].size], data[-KINDS[effect.kind].size : -TWO_BYTES]
    low = NONCE.to_bytes(2, "big")
    records = [
        record
        + b"".join(map(address_of, named))
        + low
        + b"".join(to_64(sign(town.domain, said, hand)) for hand in hands)
        for named, hands in pairings
    ]
    return head + b"".join(records), as_of_s


@pytest.mark.parametrize("kind", GIVEN)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_signatures_of_three_staff_count_only_for_the_first_signer_whom_they_name(
    town: Town, kind: str, pair: tuple[str, str]
) -> None:
    """Also the third has signed. Another second signer is the same decision again, and its nonce is used."""
    effect = GIVEN[kind](town)(staff=pair, nonce=NONCE)
    pairings = [item for item in other_pairings(*pair) if item[0][0] != pair[0] or item[0] != item[1]]
    again = [item for item in other_pairings(*pair) if item not in pairings]
    windows = town.words("signerWords", STAFF)

    before, as_of_s = batch_of(town, effect, pairings)
    refused = town.settle_raw(before, len(pairings), as_of_s)

    assert set(refused.reasons) == {"signature_invalid"}
    assert town.words("signerWords", STAFF) == windows

    assert town.settle(effect).reasons == ["none"]
    if kind in TAKEN:
        assert town.settle(TAKEN[kind](town)).reasons == ["none"]
    data, as_of_s = batch_of(town, effect, [*pairings, *again])
    state, windows = town.everything("smith", "outsider", *STAFF)

    outcome = town.settle_raw(data, len(pairings) + len(again), as_of_s)

    assert outcome.reasons == ["signature_invalid"] * len(pairings) + ["nonce_used"] * len(again)
    assert town.everything("smith", "outsider", *STAFF) == (state, windows)
