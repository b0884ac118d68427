"""Posts one operation to the books: its number, its chain effect, its transfers, the balances.

The decision was made before; nothing is refused here. Payments come in thousands, so the SQL function `accept_run` posts
them as a set. Keeps I-01: a transfer debits and credits the same amount.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coin.clock import fiscal_year
from coin.database.database import Conn
from coin.database.ids import new_id
from coin.ledger.accounts import Account, AccountClass
from coin.ledger.journal_head import Head
from coin.lots import Lot
from coin.records.journal_codes import JournalCode


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of one lot's value from the debited account to the credited one."""

    code: JournalCode
    debit: Account
    credit: Account
    lot: Lot
    amount: int


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """The record for the chain: words, 65 bytes of signature for each signer, 20 bytes of address for each signer.

    Shapes:  `digest`: of the signed message; empty, if nobody signed one.
    """

    words: bytes
    signatures: bytes = b""
    signers: bytes = b""
    context: bytes = b""
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Posted:
    """The place of an operation in the journal."""

    operation: UUID
    sequence: int
    accepted_at_ms: int


def post(
    connection: Conn,
    head: Head,
    *,
    kind: int,
    actor: str,
    record: SignedRecord,
    transfers: Sequence[Transfer] = (),
) -> Posted:
    """Give an operation the next number, and write it, its record and its transfers.

    Keeps:   I-01, I-02 (an overdrawn balance aborts the transaction), I-04 (number, record and money change together).
    """
    posted = Posted(new_id(), head.next_sequence(), head.accepted_at_ms)
    connection.execute(
        """INSERT INTO operation (municipality, id, kind, sequence, accepted_at_ms, fiscal_year, actor)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [
            head.municipality_code,
            posted.operation,
            kind,
            posted.sequence,
            head.accepted_at_ms,
            fiscal_year(head.accepted_at_ms),
            actor,
        ],
    )
    connection.execute(
        """INSERT INTO chain_effect
               (municipality, sequence, kind, words, signatures, signers, context, accepted_at_ms, digest)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            head.municipality_code,
            posted.sequence,
            kind,
            record.words,
            record.signatures,
            record.signers,
            record.context,
            head.accepted_at_ms,
            record.digest or None,
        ],
    )
    _write_transfers(connection, head, posted.operation, transfers)
    return posted


def _write_transfers(connection: Conn, head: Head, operation: UUID, transfers: Sequence[Transfer]) -> None:
    if not transfers:
        return
    year = fiscal_year(head.accepted_at_ms)
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO journal (municipality, operation, line, fiscal_year, code, debit, credit, kind, expiry_s,
                                    fund, amount)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    head.municipality_code,
                    operation,
                    line,
                    year,
                    item.code,
                    item.debit.id,
                    item.credit.id,
                    item.lot.kind,
                    item.lot.expiry_s,
                    item.lot.fund,
                    item.amount,
                )
                for line, item in enumerate(transfers, start=1)
            ],
        )
    _move_balances(connection, head.municipality_code, transfers)


def _move_balances(connection: Conn, municipality_code: str, transfers: Sequence[Transfer]) -> None:
    changes: defaultdict[tuple[UUID, str, int, str], int] = defaultdict(int)
    for item in transfers:
        for account, is_debit in ((item.debit, True), (item.credit, False)):
            sign = 1 if account.account_class.grows_by_debit == is_debit else -1
            expiry_s = item.lot.expiry_s if account.account_class is AccountClass.HOLDER else 0
            changes[account.id, item.lot.kind, expiry_s, item.lot.fund] += sign * item.amount
    grown = [
        (municipality_code, *key, change) for key, change in sorted(changes.items(), key=str) if change > 0
    ]
    shrunk = [
        (-change, municipality_code, *key) for key, change in sorted(changes.items(), key=str) if change < 0
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO balance AS b (municipality, account, kind, expiry_s, fund, amount)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (municipality, account, kind, expiry_s, fund) DO UPDATE SET amount = b.amount + excluded.amount""",
            grown,
        )
        cursor.executemany(
            """UPDATE balance SET amount = amount - %s
               WHERE municipality = %s AND account = %s AND kind = %s AND expiry_s = %s AND fund = %s""",
            shrunk,
        )
