"""What the books say: lots, history page by page, a shop's statement, and books that were tampered with. I-11."""

import psycopg
import pytest

from coin.database.database import Database
from coin.errors import InvalidInput
from coin.ledger import statements
from coin.ledger.replay import replay
from coin.ledger.statements import HeldLot, MerchantTotal
from coin.ledger.trial_balance import trial_balance
from coin.registry import merchants, wallets
from tests.worlds.books import Town
from tests.worlds.people import address_of
from tests.worlds.rules import FUND, HALF_YEAR_S, YEAR_END_S


def history(town: Town, name: str, cursor: str | None = None, count: int = 20) -> statements.Page:
    with town.books() as books:
        account = wallets.get(books, address_of(name)).account
        return statements.history(
            books.connection, town.municipality.code, account, cursor=cursor, count=count
        )


def test_lots_stand_in_spending_order_and_leave_out_what_ended(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    with town.books() as books:
        account = wallets.get(books, address_of("aiko")).account
        code = town.municipality.code
        everything = statements.lots(books.connection, code, account)
        live = statements.lots(books.connection, code, account, live_at_ms=HALF_YEAR_S * 1000)

    assert everything == [HeldLot("point", HALF_YEAR_S, FUND, 500), HeldLot("coin", YEAR_END_S, "", 5000)]
    assert live == everything[1:]


def test_history_gives_every_operation_once_page_by_page(town: Town) -> None:
    town.register("aiko", "bunta")
    town.charge("aiko", 5000)
    for nonce in range(3):
        town.pay("aiko", "bakery", 100 + nonce, nonce)
    town.pay("aiko", "bunta", 600, 3)

    seen, cursor = [], None
    while True:
        page = history(town, "aiko", cursor, count=2)
        seen += [(item.kind, item.amount, item.others[0][0]) for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [
        (6, -600, "holder"),
        (4, -102, "merchant"),
        (4, -101, "merchant"),
        (4, -100, "merchant"),
        (1, 5500, "cash"),
    ]
    assert [item.amount for item in history(town, "bunta").items] == [600]


@pytest.mark.parametrize(("cursor", "count"), [("nonsense", 1), (None, 0), (None, 101)])
def test_an_impossible_page_is_refused(town: Town, cursor: str | None, count: int) -> None:
    town.register("aiko")

    with pytest.raises(InvalidInput):
        history(town, "aiko", cursor, count)


def test_a_shops_statement_keeps_coins_and_points_apart(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    town.pay("aiko", "bakery", 300, 0)
    middle_ms = town.clock.now_ms() + 1000
    town.clock.set_ms(middle_ms)
    town.pay("aiko", "bakery", 400, 1)

    with town.books() as books:
        account = merchants.by_number(books, 1).account
        totals = statements.merchant_statement(
            books.connection, town.municipality.code, account, from_ms=middle_ms, until_ms=middle_ms + 1
        )

    assert totals == [
        MerchantTotal("point", FUND, received=200, refunded=0, redeemed=0, other=0, balance=500),
        MerchantTotal("coin", "", received=200, refunded=0, redeemed=0, other=0, balance=200),
    ]


def test_a_balance_that_somebody_changed_is_found_by_replay_and_by_the_trial_balance(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)

    town.rows("UPDATE balance SET amount = amount + 1 WHERE kind = 'coin' AND expiry_s > 0")

    with town.database.transaction() as connection:
        differences = replay(connection, town.municipality.code)
        trial = trial_balance(connection, town.municipality.code)
    assert [(d.balance, d.replayed) for d in differences] == [(5001, 5000)]
    assert trial.differences == {("coin", ""): -1}


@pytest.mark.parametrize(
    "table",
    [
        "operation",
        "journal",
        "chain_effect",
        "payment",
        "audit",
        "random_nonce",
        "top_up",
        "redeem",
        "retired_merchant_address",
        "rejection",
    ],
)
def test_the_application_cannot_rewrite_what_is_written_once(town: Town, table: str) -> None:
    column = "code" if table == "rejection" else "municipality"
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            town.database.transaction() as connection,
        ):
            connection.execute(statement.encode())


def test_an_account_never_changes_and_goes_only_if_it_is_a_holders_and_nothing_names_it(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    before = town.everything()

    with pytest.raises(psycopg.errors.InsufficientPrivilege), town.database.transaction() as connection:
        connection.execute("UPDATE account SET municipality = municipality")
    with pytest.raises(psycopg.errors.ForeignKeyViolation), town.database.transaction() as connection:
        connection.execute("DELETE FROM account WHERE class = 'holder'")
    with town.database.transaction() as connection:
        gone = connection.execute("DELETE FROM account WHERE class <> 'holder'").rowcount

    assert (gone, town.everything()) == (0, before)


def test_no_balance_can_go_below_zero_whatever_is_tried(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)

    with pytest.raises(psycopg.errors.CheckViolation), town.database.transaction() as connection:
        connection.execute("UPDATE balance SET amount = amount - 5001 WHERE kind = 'coin'")


def test_the_auditor_reads_the_journal_but_no_personal_data(owner_url: str, town: Town) -> None:
    auditor = Database.open(owner_url.replace("postgres@", "bandai_auditor@", 1))
    with auditor.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM journal").fetchone() is not None
    with pytest.raises(psycopg.errors.InsufficientPrivilege), auditor.transaction() as connection:
        connection.execute("SELECT * FROM personal_data")
    auditor.close()
