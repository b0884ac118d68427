"""A stranger's record that the chain skipped before it used a nonce hides no figure of those whom it names."""

import pytest

from coin.errors import Rejection
from coin.ledger.foreign_batches import ForeignRecord
from coin.reconciliation import strangers
from coin.reconciliation.expected import Expected
from coin.records.effects import Record
from coin.records.kinds import Kind

PAYER, SHOP = b"\xa1" * 20, b"\xb2" * 20
NOTHING = Expected(0, 0, {}, {}, (), {}, (), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("reason", "moving"),
    [
        (Rejection.SIGNATURE_INVALID, frozenset()),
        (Rejection.NONCE_OUT_OF_WINDOW, frozenset()),
        (Rejection.INSUFFICIENT_BALANCE, frozenset({PAYER, SHOP})),
        (Rejection.NONE, frozenset({PAYER, SHOP})),
    ],
)
def test_only_who_a_record_touched_is_left_out(reason: Rejection, moving: frozenset[bytes]) -> None:
    values = {"from": PAYER, "to": SHOP, "value": 500}
    record = Record(Kind.PAYMENT, values, False, bytes(65), PAYER, b"")

    found = strangers._moved(NOTHING, [(2, ForeignRecord(1, reason, record))])

    assert found.moving == moving
