"""What strangers can make and nobody needs goes; what holds value, or is part of the history, never does."""

import threading
from collections.abc import Callable

import psycopg
import pytest

from coin.chain.rpc import Rpc
from coin.clock import DAY_S
from coin.ledger.replay import replay
from coin.operations.perform import perform
from coin.registry import quotas, sessions, wallets
from coin.registry.quotas import Deed
from coin.settlement.lapsed import PORTION, UNUSED_DAYS, Lapsed
from coin.settlement.settler import Policy, Settler
from tests.worlds.books import Town
from tests.worlds.people import address_of, key_of

DAY_MS = DAY_S * 1000


def count(town: Town, table: str) -> int:
    return int(str(town.rows(f"SELECT count(*) AS count FROM {table}")[0]["count"]))


def settler_of(town: Town) -> Settler:
    """The worker's settlement; sweeping asks no node."""
    nowhere = Rpc("http://127.0.0.1:9")
    policy = Policy.of(town.municipality)
    return Settler.of(town.database, town.municipality, town.clock, nowhere, key_of("settler"), policy)


def sweep(town: Town) -> None:
    """Sweep until nothing more goes."""
    lapsed = Lapsed()
    while lapsed.sweep_lapsed(settler_of(town)):
        pass


@pytest.fixture
def town(town: Town) -> Town:
    """A town in which Aoi and Riku hold value."""
    town.register("aoi", "riku")
    for name in ("aoi", "riku"):
        town.charge(name, 10_000)
    return town


def a_challenge(town: Town) -> None:
    with town.books() as books:
        sessions.issue_challenge(books, address_of("a stranger"))


def a_session(town: Town) -> None:
    _, credential = town.till(1)
    with town.books() as books:
        sessions.open_by_credential(books, credential.secret)


def a_first_answer(town: Town) -> None:
    town.rows(
        """INSERT INTO idempotency_key (municipality, principal, key, request_digest, status, response, created_at_ms)
           VALUES (%s, 'wallet:00', 'key', %s, 201, '{}', %s)""",
        town.code,
        bytes(32),
        town.clock.now_ms(),
    )


def a_lease(town: Town) -> None:
    with town.books() as books:
        wallets.lease_nonces(books, address_of("aoi"), device="phone", count=1)


def a_count(town: Town) -> None:
    with town.books() as books:
        quotas.take(books, "wallet:00", Deed.LEASE, 1)


@pytest.mark.parametrize(
    ("table", "make", "lives_ms"),
    [
        ("session_challenge", a_challenge, 120_000),
        ("session", a_session, 900_000),
        ("idempotency_key", a_first_answer, DAY_MS + 1),
        ("nonce_lease", a_lease, DAY_MS),
        ("daily_use", a_count, 14 * 3_600_000),  # the towns of tests begin at 10 o'clock
    ],
)
def test_a_row_goes_when_it_has_ended_and_not_a_moment_before(
    town: Town, table: str, make: Callable[[Town], None], lives_ms: int
) -> None:
    make(town)
    town.clock.advance_ms(lives_ms - 1)

    sweep(town)
    before = count(town, table)
    town.clock.advance_ms(1)
    sweep(town)

    assert (before, count(town, table)) == (1, 0)


def test_a_flood_goes_in_portions(town: Town, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            """INSERT INTO session_challenge (municipality, challenge, wallet, issued_at_s, expires_at_s)
               SELECT %s, sha256(n::text::bytea), decode(repeat('ab', 20), 'hex'), 0, 1 FROM generate_series(1, %s) n""",
            [town.code, 2 * PORTION + 5],
        )
    lapsed = Lapsed()

    assert [lapsed.sweep_lapsed(settler_of(town)) for _ in range(4)] == [PORTION, PORTION, 5, 0]


# ---------------------------------------------------------------- wallets


def known(town: Town) -> set[bytes]:
    return {bytes(row["address"]) for row in town.rows("SELECT address FROM wallet")}  # type: ignore[call-overload]


def test_a_wallet_that_nobody_used_goes_after_ninety_days_with_its_account_and_may_come_again(
    town: Town,
) -> None:
    town.clock.advance_ms(-(town.clock.now_ms() + 9 * 3_600_000) % DAY_MS)  # to the next midnight
    town.register("a stranger")
    accounts = count(town, "account")
    town.clock.advance_ms(UNUSED_DAYS * DAY_MS)

    sweep(town)
    at_ninety_days = address_of("a stranger") in known(town)
    town.clock.advance_ms(DAY_MS)
    sweep(town)

    assert at_ninety_days
    assert known(town) == {address_of("aoi"), address_of("riku")}
    assert count(town, "account") == accounts - 1
    with town.database.transaction() as connection:
        assert not replay(connection, town.code)
    town.register("a stranger")
    town.charge("a stranger", 1_000)
    assert town.balance("a stranger") > 0


def nothing_left(town: Town) -> None:
    town.charge("subject", 1_000)
    town.pay("subject", "bakery", town.balance("subject"))


def received(town: Town) -> None:
    town.pay("aoi", "subject", 1)


def a_used_nonce(town: Town) -> None:
    town.rows(
        "UPDATE wallet SET nonce_map = set_bit(nonce_map, 5, 1) WHERE address = %s", address_of("subject")
    )


def a_cancelled_random_nonce(town: Town) -> None:
    """An earlier release let wallets without value cancel."""
    town.rows("INSERT INTO random_nonce VALUES (%s, %s, %s)", town.code, address_of("subject"), b"\x01" * 32)


def frozen(town: Town) -> None:
    town.rows("UPDATE wallet SET frozen_until_s = 1 WHERE address = %s", address_of("subject"))


def closed(town: Town) -> None:
    town.rows("UPDATE wallet SET closed = true WHERE address = %s", address_of("subject"))


def leaving(town: Town) -> None:
    town.rows("UPDATE wallet SET exit_at_s = 1 WHERE address = %s", address_of("subject"))


def in_an_incident(town: Town) -> None:
    town.rows("UPDATE wallet SET in_incident = true WHERE address = %s", address_of("subject"))


@pytest.mark.parametrize(
    "mark",
    [
        nothing_left,
        received,
        a_used_nonce,
        a_cancelled_random_nonce,
        frozen,
        closed,
        leaving,
        in_an_incident,
    ],
)
def test_a_wallet_with_a_history_or_a_mark_stays_for_ever(town: Town, mark: Callable[[Town], None]) -> None:
    town.register("subject")
    mark(town)
    before = town.everything()
    town.clock.advance_ms(10 * 365 * DAY_MS)

    sweep(town)

    assert town.everything() == before


def test_a_charge_that_is_under_way_keeps_its_wallet(town: Town) -> None:
    town.register("subject")
    town.clock.advance_ms((UNUSED_DAYS + 1) * DAY_MS)
    charge = town.charge_message("subject", 1_000)

    with town.books() as books:
        perform(books, charge, actor="clerk")
        sweeping = threading.Thread(target=sweep, args=[town])
        sweeping.start()
    sweeping.join()

    assert address_of("subject") in known(town)
    assert town.balance("subject") > 0
