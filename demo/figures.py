"""The figures at the end of the demo, from the books and from the chain's receipts."""

from dataclasses import asdict, dataclass

from coin.database.database import Database
from coin.records.journal_codes import JournalCode
from coin.records.kinds import kinds_writing
from coin.registry.municipality import Municipality

FEWEST_PAYMENTS = 1_000


@dataclass(frozen=True)
class Figures:
    """What `make demo` prints as one JSON line."""

    accepted: int
    refused: int
    settled: int
    batches: int
    gas_per_payment: int
    reconciliation_differences: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether there were enough payments, all are on the chain, and nothing differs or is open."""
        return (
            self.accepted >= FEWEST_PAYMENTS
            and self.settled == self.accepted
            and self.reconciliation_differences == 0
        )

    def as_json(self) -> dict[str, int | float]:
        """Return the figures in their documented order."""
        return asdict(self)


def count_payments(database: Database, municipality: Municipality) -> tuple[int, int, int, int]:
    """Count the accepted payments, the payments executed in confirmed batches, the confirmed batches, and the gas per
    payment.

    The gas is that of the batches with payments only.
    """
    with database.transaction() as connection:
        row = connection.execute(
            _COUNTS, {"municipality": municipality.code, "kinds": kinds_writing(JournalCode.PAYMENT)}
        ).fetchone()
    if row is None:
        return 0, 0, 0, 0
    return row["accepted"], row["settled"], row["batches"], row["gas"] // max(row["gas_payments"], 1)


_COUNTS = """
WITH held AS (
    SELECT b.number, b.gas_used, count(*) AS records,
           count(*) FILTER (WHERE e.kind = ANY (%(kinds)s)) AS payments,
           count(i.sequence) AS skipped
    FROM batch b
    JOIN chain_effect e ON e.municipality = b.municipality AND e.sequence BETWEEN b.first_sequence AND b.last_sequence
    LEFT JOIN incident i ON i.municipality = e.municipality AND i.sequence = e.sequence
    WHERE b.municipality = %(municipality)s AND b.state = 'confirmed'
    GROUP BY b.number, b.gas_used)
SELECT (SELECT count(*) FROM payment WHERE municipality = %(municipality)s AND merchant_number IS NOT NULL) AS accepted,
       coalesce(sum(payments) - sum(skipped), 0)::bigint AS settled,
       count(*) AS batches,
       coalesce(sum(gas_used) FILTER (WHERE payments = records), 0)::bigint AS gas,
       coalesce(sum(payments) FILTER (WHERE payments = records), 0)::bigint AS gas_payments
FROM held
"""
