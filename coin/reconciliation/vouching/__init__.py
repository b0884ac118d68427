"""Vouching: every row of the books against the signed record that it rests on, and the tables beside the journal against it.

Balances can be right and the books wrong all the same: who turns coins of a charge into points in every table pockets
the cash, and the chain, which keeps dates and no kinds, shows no difference. The signed records do (`played`), and the
chain keeps the hash of each batch of them (`proof`). Cut by subject: `operations`, `registers`, `acceptances`.
"""

from collections.abc import Iterator

from coin.database.database import Conn
from coin.reconciliation.figures import Figure
from coin.reconciliation.played import Play
from coin.reconciliation.vouching import acceptances, operations, registers
from coin.registry.municipality import Municipality

__all__ = ["vouched"]


def vouched(conn: Conn, municipality: Municipality) -> Iterator[Figure]:
    """Yield every figure that a record proves, against it; the sides differ where somebody changed the books."""
    key = {"municipality": municipality.code}
    play = Play([fund.id for fund in municipality.program.funds])
    yield from operations.of_operations(conn, key, play, municipality.domain)
    yield from registers.of_shops(conn, key, play)
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
