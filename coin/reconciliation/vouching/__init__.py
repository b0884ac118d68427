"""Vouching: compares every row of the journal, and of the tables beside it, with the signed record that it comes from.

Correct balances are not enough: somebody who changes coins of a charge into points in every table can keep the cash, and the
chain shows no difference, because it knows dates and no kinds. The signed records show it (`played`), and the chain has the
hash of each batch of them (`proof`). A file for each subject: `operations`, `registers`, `acceptances`.
"""

from collections.abc import Iterator

from coin.database.database import Conn
from coin.reconciliation.figures import Figure
from coin.reconciliation.played import Play
from coin.reconciliation.vouching import acceptances, operations, registers
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData

__all__ = ["vouched"]


def vouched(conn: Conn, municipality: Municipality, personal: PersonalData | None = None) -> Iterator[Figure]:
    """Yield every figure that a record proves, from the books and from the record; they differ if somebody changed the
    books."""
    key = {"municipality": municipality.code}
    play = Play([fund.id for fund in municipality.program.funds])
    yield from operations.of_operations(conn, key, play, municipality.domain)
    yield from registers.of_shops(conn, key, play)
    if personal is not None:
        yield from registers.of_bank_accounts(conn, key, personal)
    yield from registers.of_retired_addresses(conn, key, play)
    yield from registers.of_accounts(conn, key)
    yield from registers.of_dates(conn, key)
    yield from registers.of_signers(conn, key, play)
    yield from registers.of_funds(conn, key, municipality.program.funds)
    yield from registers.of_allowances(conn, key)
    yield from acceptances.of_checkouts(conn, key)
    yield from acceptances.of_receipts(conn, key, municipality)
    yield from acceptances.of_times(conn, key)
    yield from acceptances.of_waiting(conn, key)
