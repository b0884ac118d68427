"""Two towns live in one database, with the same people, the same shop numbers and at the same time: neither notices the other.

What a town is told must be what it is told when it is alone, and what it does must leave every row of the other as it was;
as the role that sees all towns, and as roles that see one each.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import psycopg
import pytest

from coin.database.database import Database
from coin.database.town_role import admit_towns
from coin.ledger import chain_effects, statements
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.operations import expire, redeem
from coin.operations.perform import perform
from coin.payments import Accepted, Submission, checkouts
from coin.program import Municipality as ProgramMunicipality
from coin.reconciliation.expected import expected
from coin.registry import merchants, tills, wallets
from coin.reports.public_figures import public_figures
from coin.reports.town_figures import town_figures
from coin.settlement.seal import seal_due
from tests.worlds.books import Town, open_town
from tests.worlds.people import address_of
from tests.worlds.rules import HALF_YEAR_S, START_MS, program

MINE, OTHERS = "074071", "072044"
HERE = ProgramMunicipality(MINE, "磐梯町", "Bandai", "Bandai", is_demo=True)
NEIGHBOUR = ProgramMunicipality(OTHERS, "隣町", "Next", "Next", is_demo=True)
CHECKOUT = "0123456789ABCDEFGHJKMNPQRS"
PEOPLE = [f"person {number}" for number in range(10)]


def play(town: Town, amount: int) -> None:
    """Every use case that changes the books: charge, pay, send, cancel, re-key, seal, confirm, redeem, expire."""
    town.clock.set_ms(START_MS)
    town.register(*PEOPLE)
    for name in PEOPLE:
        town.charge(name, 5000)
    with town.books() as books:
        till = tills.create(books, 1, "register")
        checkouts.open_by_till(books, merchant_number=1, till=till.id, amount_yen=amount, drawn=CHECKOUT)
    paid = town.pay(PEOPLE[0], "bakery", amount, 0, CHECKOUT)
    assert isinstance(paid, Accepted), paid
    authorizations = [town.authorization(name, "bakery", 600 + amount, 1) for name in PEOPLE]
    assert all(isinstance(item, Accepted) for item in town.accept(*map(Submission, authorizations)))
    assert isinstance(town.pay(PEOPLE[0], PEOPLE[1], amount, 2), Accepted)
    with town.books() as books:
        message = town.cancel_message(PEOPLE[2], 5)
        perform(books, message, actor="gateway")
    seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)
    town.rows(
        "UPDATE batch SET state = 'confirmed', confirmed_at_ms = %s WHERE municipality = %s",
        town.clock.now_ms(),
        town.municipality.code,
    )
    with town.books() as books:
        payout = town.redeem_message("bakery", 700)
        perform(books, payout, actor="cashier")
    town.clock.set_ms(HALF_YEAR_S * 1000)
    with town.books() as books:
        perform(
            books,
            expire.EndDate(HALF_YEAR_S, chain_time_s=HALF_YEAR_S),
            actor="worker",
        )


def told(town: Town) -> dict[str, object]:
    """All that the books say to a town: to holders, shops, staff, everybody, the worker and reconciliation."""
    code = town.municipality.code
    with town.books() as books:
        figures = town_figures(books, date(2022, 10, 1)).as_json()
    with town.books() as books:
        connection = books.connection
        holder = wallets.get(books, address_of(PEOPLE[0]))
        shop = merchants.by_number(books, 1)
        last = chain_effects.last_sequence(connection, code)
        return {
            "figures": figures,
            "public": public_figures(books, date(2022, 7, 22)),
            "lots": statements.lots(connection, code, holder.account),
            "history": [
                replace(item, operation=UUID(int=0))
                for item in statements.history(connection, code, holder.account).items
            ],
            "statement": statements.merchant_statement(
                connection, code, shop.account, from_ms=0, until_ms=1 << 62
            ),
            "redeemable": redeem.redeemable(books, 1),
            "shops": [(item.number, item.address, item.name) for item in merchants.all_merchants(books)],
            "checkout": checkouts.get(books, CHECKOUT).amount_yen,
            "trial": trial_balance(connection, code),
            "replay": replay(connection, code),
            "effects": [
                (item.sequence, item.kind, item.words)
                for item in chain_effects.effects(connection, code, 1, last)
            ],
            "expected": expected(connection, code, last),
        }


def rows_of(owner_url: str, code: str) -> dict[str, list[str]]:
    """Every row of a town, by table."""
    with psycopg.connect(owner_url) as owner:
        tables = owner.execute(
            """SELECT table_name FROM information_schema.columns
               WHERE table_schema = 'public' AND column_name = 'municipality' ORDER BY 1"""
        ).fetchall()
        return {
            table: sorted(
                row
                for (row,) in owner.execute(
                    f"SELECT t::text FROM {table} t WHERE municipality = %s".encode(), [code]
                )
            )
            for (table,) in tables
        }


@pytest.fixture
def alone(database: Database) -> dict[str, object]:
    """What the town is told that has the database to itself."""
    town = open_town(database, program(municipality=HERE))
    play(town, 40)
    return told(town)


@pytest.fixture(params=["one role for all towns", "a role for each town"])
def towns(request: pytest.FixtureRequest, owner_url: str) -> Iterator[tuple[Town, Town]]:
    """The town and its neighbour in one database, opened and nothing more."""
    with psycopg.connect(owner_url) as owner:
        tables = "operation, account, checkout, merchant, batch, wallet, municipality, signer, fund, period, expiry_date"
        owner.execute(f"TRUNCATE {tables} CASCADE".encode())
    app = Database.open(owner_url.replace("postgres@", "bandai_app@", 1))
    both = [open_town(app, program(municipality=where)) for where in (HERE, NEIGHBOUR)]
    app.close()
    admit_towns(owner_url)
    users = (
        ["bandai_app", "bandai_app"]
        if request.param.startswith("one")
        else [f"bandai_{MINE}", f"bandai_{OTHERS}"]
    )
    databases = [Database.open(owner_url.replace("postgres@", f"{user}@", 1)) for user in users]
    mine, others = (replace(town, database=opened) for town, opened in zip(both, databases, strict=True))
    yield mine, others
    for opened in databases:
        opened.close()


def test_neither_town_sees_or_changes_what_is_the_others(
    alone: dict[str, object], towns: tuple[Town, Town], owner_url: str
) -> None:
    mine, others = towns
    play(others, 90)
    before = rows_of(owner_url, OTHERS)

    play(mine, 40)

    assert told(mine) == alone
    assert rows_of(owner_url, OTHERS) == before
    assert len(before["journal"]) > 30

    mine_now = rows_of(owner_url, MINE)
    told(others)
    assert isinstance(others.pay(PEOPLE[3], "bakery", 5, 7), Accepted)
    assert rows_of(owner_url, MINE) == mine_now
