"""The signatures that verify and recover accept, and those that they refuse."""

import random

import pytest
from coincurve import PublicKey
from eth_keys import keys as eth_keys

from coin import core
from coin.errors import MalformedBatch
from tests.core.cases import ORDER, address_of, case, cases, columns, join, s_of, with_s


def test_good_signatures_of_many_keys_are_accepted_and_recovered_to_their_signers() -> None:
    some = cases(100, keys=7)
    digests, signatures, signers = columns(some)

    verdicts = core.verify(digests, signatures, signers)
    recovered = core.recover(digests, signatures)

    assert verdicts == [True] * 100
    assert recovered == [c.signer for c in some]


def test_recover_equals_eth_keys_on_the_same_signatures() -> None:
    some = cases(20, keys=20)
    digests, signatures, _ = columns(some)

    recovered = core.recover(digests, signatures)

    for c, address in zip(some, recovered, strict=True):
        theirs = eth_keys.Signature(c.signature[:64] + bytes([c.signature[64] - 27]))
        assert address == theirs.recover_public_key_from_msg_hash(c.digest).to_canonical_address()


def test_v_of_0_and_1_means_27_and_28() -> None:
    some = cases(16, keys=4)
    digests, signatures, signers = columns(some)
    plain = join([c.signature[:64] + bytes([c.signature[64] - 27]) for c in some])

    assert core.verify(digests, plain, signers) == [True] * 16
    assert core.recover(digests, plain) == core.recover(digests, signatures)


@pytest.mark.parametrize("v", [2, 3, 26, 29, 30, 31, 35, 37, 255])
def test_any_other_v_is_refused(v: int) -> None:
    c = case(1, 1)
    signature = c.signature[:64] + bytes([v])

    assert core.verify(c.digest, signature, c.signer) == [False]
    assert core.recover(c.digest, signature) == [None]


def test_the_flipped_v_names_another_signer_and_is_refused_for_the_first() -> None:
    c = case(1, 1)
    flipped = c.signature[:64] + bytes([55 - c.signature[64]])

    assert core.verify(c.digest, flipped, c.signer) == [False]
    assert core.recover(c.digest, flipped)[0] not in (None, c.signer)


def test_the_twin_with_high_s_is_refused_though_coincurve_recovers_it() -> None:
    c = case(1, 1)
    twin = with_s(c.signature, ORDER - s_of(c.signature), 55 - c.signature[64])
    raw = twin[:64] + bytes([twin[64] - 27])
    theirs = PublicKey.from_signature_and_message(raw, c.digest, hasher=None)

    assert address_of(theirs) == c.signer
    assert core.verify(c.digest, twin, c.signer) == [False]
    assert core.recover(c.digest, twin) == [None]


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_r_and_s_of_zero_or_past_the_order_are_refused_never_reduced(number: int) -> None:
    c = case(1, 1)
    word = number.to_bytes(32, "big")

    for signature in (word + c.signature[32:], c.signature[:32] + word + c.signature[64:]):
        assert core.verify(c.digest, signature, c.signer) == [False]
        assert core.recover(c.digest, signature) == [None]


def test_r_past_the_order_of_a_tiny_nonce_point_is_refused_by_every_spelling_of_v() -> None:
    # Points with x = n + 2 exist, so r = 2 with v 29 recovers a key elsewhere; the EVM cannot say it.
    digest = case(1, 1).digest
    compact = (2).to_bytes(32, "big") + (5).to_bytes(32, "big")
    theirs = PublicKey.from_signature_and_message(compact + b"\x02", digest, hasher=None)

    for v in (2, 29):
        assert core.recover(digest, compact + bytes([v])) == [None]
        assert core.verify(digest, compact + bytes([v]), address_of(theirs)) == [False]


def test_a_digest_at_or_past_the_order_counts_modulo_the_order() -> None:
    c = case(1, 1)
    small = (5).to_bytes(32, "big")
    large = (ORDER + 5).to_bytes(32, "big")

    from_small = core.recover(small, c.signature)
    from_large = core.recover(large, c.signature)

    assert from_small == from_large != [None]


def test_one_bad_row_changes_no_other_verdict_in_any_order() -> None:
    some = cases(64, keys=8)
    rng = random.Random(20220722)
    bad = set(rng.sample(range(64), 20))
    rows = [
        (c.digest, c.signature[:40] + bytes([c.signature[40] ^ 1]) + c.signature[41:], c.signer, False)
        if i in bad
        else (c.digest, c.signature, c.signer, True)
        for i, c in enumerate(some)
    ]

    for _ in range(5):
        rng.shuffle(rows)
        verdicts = core.verify(*(join([row[at] for row in rows]) for at in range(3)))
        assert verdicts == [row[3] for row in rows]


def test_threads_change_no_verdict() -> None:
    some = cases(100, keys=5)
    digests, signatures, signers = columns(some)
    signers = signers[:-20] + bytes(20)

    answers = []
    for threads in (1, 2, 3, 0):
        core.set_threads(threads)
        answers.append((core.verify(digests, signatures, signers), core.recover(digests, signatures)))

    assert answers[0][0] == [True] * 99 + [False]
    assert all(answer == answers[0] for answer in answers)


def test_an_empty_batch_has_an_empty_answer() -> None:
    assert core.verify(b"", b"", b"") == []
    assert core.recover(b"", b"") == []


@pytest.mark.parametrize(
    ("digests", "signatures", "signers", "field"),
    [
        (bytes(31), bytes(65), bytes(20), "digests"),
        (bytes(32), bytes(64), bytes(20), "signatures"),
        (bytes(32), bytes(65), bytes(40), "signers"),
        (bytes(64), bytes(65), bytes(40), "signatures"),
    ],
)
def test_columns_that_do_not_fit_together_are_named(
    digests: bytes, signatures: bytes, signers: bytes, field: str
) -> None:
    with pytest.raises(MalformedBatch) as caught:
        core.verify(digests, signatures, signers)

    assert caught.value.field == field
    assert caught.value.code == "malformed_batch"
