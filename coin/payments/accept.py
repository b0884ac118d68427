"""The only way in for what payers sign: verify, decide in order of arrival, post, answer with a receipt.

Decides nothing about HTTP. Payments (payee: a shop) and sends (payee: a registered wallet) come in one list.
Without a valid signature the answer depends on nothing stored. Each run of the list is one transaction that holds
the head of the journal and calls one set-based statement (`accept_run`).

Keeps:   I-01, I-02, I-03, I-04, I-06. Source: EIP-3009; docs/formats.md §3, §4; coin.errors.Rejection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coin.clock import Clock, jst_date, jst_midnight_s
from coin.database.database import Conn, Database
from coin.database.ids import new_id
from coin.errors import CoinError, Conflict, Rejected, Rejection
from coin.ledger.journal_head import Head, lock_head
from coin.messages import TRANSFER_WITH_AUTHORIZATION, WINDOWED_NONCES_END, key_id
from coin.payments.announcements import announce_paid
from coin.payments.receipts import Receipt, ReceiptSigner
from coin.payments.runs import Party, run_length
from coin.payments.signatures import Signed, check_signatures
from coin.registry.municipality import Municipality

_SAME_AGAIN = -1
_OTHER_CHECKOUT = -2
_LARGE_AMOUNT = 1 << 62
_LARGE_TIME_S = 1 << 41


@dataclass(frozen=True, slots=True)
class Authorization:
    """An EIP-3009 TransferWithAuthorization as its payer signed it; the signature has 64 or 65 bytes."""

    payer: bytes
    payee: bytes
    value: int
    valid_after_s: int
    valid_before_s: int
    nonce: bytes
    signature: bytes

    @property
    def words(self) -> bytes:
        """The words that were signed.

        Raises:  InvalidInput naming the field, if one cannot be a word.
        """
        return TRANSFER_WITH_AUTHORIZATION.words(
            {
                "from": self.payer,
                "to": self.payee,
                "value": self.value,
                "validAfter": self.valid_after_s,
                "validBefore": self.valid_before_s,
                "nonce": self.nonce,
            }
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """An authorization, and the checkout that it pays, if any."""

    authorization: Authorization
    checkout: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the amount: of one kind, one expiry and (points) one fund."""

    kind: str
    expiry_s: int
    fund: str
    amount: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """It moved, once, now or at an earlier identical submission; `payment` is the authorization's digest."""

    payment: bytes
    kind: int
    sequence: int
    accepted_at_ms: int
    merchant_number: int | None
    receipt: Receipt
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing moved; `error` is Rejected, or Conflict for an authorization that paid another checkout."""

    error: CoinError

    @property
    def code(self) -> str:
        """The stable code."""
        return self.error.code


Outcome = Accepted | Refused


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A submission whose signature is good."""

    place: int
    submission: Submission
    words: bytes
    digest: bytes
    signature: bytes

    @property
    def party(self) -> Party:
        signed = self.submission.authorization
        return Party(signed.payer, signed.payee, signed.nonce, self.submission.checkout)


def accept(
    database: Database,
    municipality: Municipality,
    clock: Clock,
    receipt_signer: ReceiptSigner,
    submissions: Sequence[Submission],
) -> list[Outcome]:
    """Decide each submission in order of arrival and post what is accepted; item i answers item i.

    The same authorization for the same checkout gives the first answer again, also after its end.

    Raises:  InvalidInput, if a field cannot be a word (then nothing was decided); Unavailable, if the database
             is gone: what was accepted before it went stays accepted, and asking again gives the answer.
    Keeps:   I-01, I-02, I-03, I-06.
    Cost:    see bench/books.py.
    """
    receipt_signer.demand(municipality.receipt_key)
    waiting = _with_good_signature(municipality, submissions)
    invalid = Refused(Rejected(Rejection.SIGNATURE_INVALID, field="signature"))
    outcomes: list[Outcome] = [invalid] * len(submissions)
    while waiting:
        with database.transaction() as connection:
            head = lock_head(connection, municipality.code, clock)
            count = run_length([item.party for item in waiting], _wallets(connection, head.code, waiting))
            run, waiting = waiting[:count], waiting[count:]
            answers = _accept_run(connection, municipality, head, receipt_signer, run)
        for item, answer in zip(run, answers, strict=True):
            outcomes[item.place] = answer
    return outcomes


def _with_good_signature(municipality: Municipality, submissions: Sequence[Submission]) -> list[_Waiting]:
    words = [submission.authorization.words for submission in submissions]
    rows = [
        Signed(row, submission.authorization.signature, submission.authorization.payer)
        for row, submission in zip(words, submissions, strict=True)
    ]
    checked = check_signatures(municipality.domain, TRANSFER_WITH_AUTHORIZATION, rows)
    return [
        _Waiting(place, submission, row, found.digest, found.signature)
        for place, (submission, row, found) in enumerate(zip(submissions, words, checked, strict=True))
        if found.signature is not None
    ]


def _wallets(connection: Conn, code: str, waiting: Sequence[_Waiting]) -> set[bytes]:
    payees = list({item.submission.authorization.payee for item in waiting})
    rows = connection.execute(
        "SELECT address FROM wallet WHERE municipality = %s AND address = ANY (%s)", [code, payees]
    )
    return {row["address"] for row in rows}


def _accept_run(
    connection: Conn,
    municipality: Municipality,
    head: Head,
    receipt_signer: ReceiptSigner,
    run: Sequence[_Waiting],
) -> list[Outcome]:
    operations = [new_id() for _ in run]
    rows = _decide(connection, municipality, head, run, operations)
    fresh = [place for place, row in enumerate(rows) if row["reason"] == 0]
    receipts = receipt_signer.sign(
        municipality.domain,
        [_receipt(run[place], rows[place], head, receipt_signer.key_id) for place in fresh],
    )
    answers: dict[int, Outcome] = {
        place: _accepted(rows[place], head, receipt) for place, receipt in zip(fresh, receipts, strict=True)
    }
    _store(
        connection,
        head,
        [
            (run[place], operations[place], rows[place], receipt.signature)
            for place, receipt in zip(fresh, receipts, strict=True)
        ],
    )
    announce_paid(
        connection,
        head.code,
        [checkout for place in fresh if (checkout := run[place].submission.checkout) is not None],
    )
    repeated = [run[place].digest for place, row in enumerate(rows) if row["reason"] == _SAME_AGAIN]
    before = load_accepted(connection, municipality, repeated) if repeated else {}
    return [
        answers[place] if place in answers else _not_fresh(row["reason"], before.get(run[place].digest))
        for place, row in enumerate(rows)
    ]


_DECIDE = """SELECT * FROM accept_run(
    %s, %s, %s, %s, %s, %s, %s, %s, %s::bytea[], %s::bytea[], %s::bytea[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bytea[], %s::integer[], %s::text[], %s::bytea[], %s::bytea[], %s::uuid[])"""


def _decide(
    connection: Conn,
    municipality: Municipality,
    head: Head,
    run: Sequence[_Waiting],
    operations: Sequence[object],
) -> list[dict[str, Any]]:
    rules = municipality.program
    signed = [item.submission.authorization for item in run]
    parameters = [
        head.code,
        head.accepted_at_ms,
        head.last_sequence,
        rules.limits.balance_yen,
        rules.limits.payment_yen,
        rules.send.max_yen_per_transfer,
        rules.send.max_yen_per_month,
        month_start_ms(head.accepted_at_ms),
        [item.digest for item in run],
        [item.payer for item in signed],
        [item.payee for item in signed],
        [min(item.value, _LARGE_AMOUNT) for item in signed],
        [min(item.valid_after_s, _LARGE_TIME_S) for item in signed],
        [min(item.valid_before_s, _LARGE_TIME_S) for item in signed],
        [item.nonce for item in signed],
        [_window_nonce(item.nonce) for item in signed],
        [item.submission.checkout for item in run],
        [item.words for item in run],
        [item.signature for item in run],
        list(operations),
    ]
    return connection.execute(_DECIDE, parameters).fetchall()


def month_start_ms(at_ms: int) -> int:
    """The first moment of the month in Japan in which `at_ms` lies."""
    return jst_midnight_s(jst_date(at_ms).replace(day=1)) * 1000


def _window_nonce(nonce: bytes) -> int | None:
    value = int.from_bytes(nonce, "big")
    return value if value < WINDOWED_NONCES_END else None


def _receipt(item: _Waiting, row: dict[str, Any], head: Head, key: bytes) -> Receipt:
    signed = item.submission.authorization
    return Receipt(
        merchant=signed.payee,
        till=str(row["till"]) if row["till"] else "",
        checkout=item.submission.checkout,
        payment=item.digest,
        amount=signed.value,
        sequence=row["sequence"],
        accepted_at_ms=head.accepted_at_ms,
        key_id=key,
    )


def _accepted(row: dict[str, Any], head: Head, receipt: Receipt) -> Accepted:
    return Accepted(
        payment=receipt.payment,
        kind=row["kind"],
        sequence=row["sequence"],
        accepted_at_ms=head.accepted_at_ms,
        merchant_number=row["merchant_number"],
        receipt=receipt,
        parts=tuple(Part(*part) for part in row["parts"]),
    )


def _not_fresh(reason: int, before: Accepted | None) -> Outcome:
    if before is not None:
        return before
    if reason == _OTHER_CHECKOUT:
        return Refused(
            Conflict(
                "この承認は別のお会計で使用済みです。",
                "This authorization was accepted for another checkout.",
                field="checkout",
                code="authorization_for_other_checkout",
            )
        )
    return Refused(Rejected(Rejection(reason)))


def _store(
    connection: Conn, head: Head, items: Sequence[tuple[_Waiting, object, dict[str, Any], bytes]]
) -> None:
    if not items:
        return
    columns = zip(
        *(
            (
                item.digest,
                operation,
                row["sequence"],
                row["kind"],
                item.submission.authorization.payer,
                item.submission.authorization.payee,
                row["merchant_number"],
                item.submission.authorization.value,
                item.submission.authorization.nonce,
                item.submission.checkout,
                receipt,
            )
            for item, operation, row, receipt in items
        ),
        strict=True,
    )
    connection.execute(
        """INSERT INTO payment (municipality, accepted_at_ms, id, operation, sequence, kind, payer, payee, merchant_number,
                                amount, nonce, checkout, receipt)
           SELECT %s, %s, * FROM unnest(%s::bytea[], %s::uuid[], %s::bigint[], %s::smallint[], %s::bytea[], %s::bytea[],
                                        %s::integer[], %s::bigint[], %s::bytea[], %s::text[], %s::bytea[])""",
        [head.code, head.accepted_at_ms, *(list(column) for column in columns)],
    )


def load_accepted(
    connection: Conn, municipality: Municipality, payments: Sequence[bytes]
) -> dict[bytes, Accepted]:
    """The first answers of accepted authorizations, by digest; those unknown are left out."""
    rows = connection.execute(
        """SELECT p.*, c.till,
                  (SELECT jsonb_agg(jsonb_build_array(j.kind, j.expiry_s, j.fund, j.amount) ORDER BY j.line)
                   FROM journal j WHERE j.municipality = p.municipality AND j.operation = p.operation) AS parts
           FROM payment p LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
           WHERE p.municipality = %s AND p.id = ANY (%s)""",
        [municipality.code, list(payments)],
    )
    key = key_id(municipality.receipt_key)
    return {row["id"]: _loaded(row, key) for row in rows}


def _loaded(row: dict[str, Any], key: bytes) -> Accepted:
    receipt = Receipt(
        merchant=row["payee"],
        till=str(row["till"]) if row["till"] else "",
        checkout=row["checkout"],
        payment=row["id"],
        amount=row["amount"],
        sequence=row["sequence"],
        accepted_at_ms=row["accepted_at_ms"],
        key_id=key,
        signature=row["receipt"],
    )
    return Accepted(
        payment=row["id"],
        kind=row["kind"],
        sequence=row["sequence"],
        accepted_at_ms=row["accepted_at_ms"],
        merchant_number=row["merchant_number"],
        receipt=receipt,
        parts=tuple(Part(*part) for part in row["parts"]),
    )
