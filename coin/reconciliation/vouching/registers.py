"""The registers beside the journal: shops, wallets, dates and signers, and what budgets and allowances have left.

Each against the records that registered it, so that nobody can point a shop's address elsewhere, bar a wallet, end a
date or spend a budget again. Verifies I-05 and I-11.
"""

from collections.abc import Iterator
from typing import Any

from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.messages import checksum_address
from coin.reconciliation.naming import MISSING, Row, plain, shown_day, shown_last_day
from coin.reconciliation.played import Play, holder_account
from coin.records.effects import Effect, values_of
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind, debits_of_holders
from coin.registry.municipality import Municipality


def of_shops(conn: Conn, key: dict[str, Any], play: Play) -> Iterator[Row]:
    """The address to which wallets sign, and the account to which their payments go."""
    rows = conn.execute(
        """SELECT m.number, m.address, m.is_open, concat_ws(' ', a.class, a.reference) AS account
           FROM merchant m JOIN account a ON a.municipality = m.municipality AND a.id = m.account
           WHERE m.municipality = %(code)s""",
        key,
    ).fetchall()
    books = {row["number"]: (plain(bytes(row["address"])), row["is_open"], row["account"]) for row in rows}
    nothing = (MISSING, MISSING, MISSING)
    for number in sorted(books.keys() | play.numbers()):
        name, registered = f"merchant {number:06d}", play.shop(number)
        address, is_open, account = books.get(number, nothing)
        proved = (plain(registered[0]), registered[1], name) if registered else nothing
        yield f"{name} address in use", address, proved[0]
        yield f"{name} open in use", is_open, proved[1]
        yield f"{name} account", account, proved[2]
    rows = conn.execute(
        "SELECT number, address FROM retired_merchant_address WHERE municipality = %(code)s", key
    ).fetchall()
    retired = {bytes(row["address"]): row["number"] for row in rows}
    for address in sorted(retired.keys() | play.retired.keys()):
        name = f"retired address {checksum_address(address)}"
        yield name, retired.get(address, MISSING), play.retired.get(address, MISSING)


def of_accounts(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """The account of each wallet, and what keeps it from paying; no record of this release closes or freezes one or lets it exit."""
    rows = conn.execute(
        """SELECT w.address, w.in_incident, w.closed OR w.frozen_until_s > 0 OR w.exit_at_s IS NOT NULL AS is_barred,
                  concat_ws(' ', a.class, a.reference) AS account,
                  EXISTS (SELECT FROM incident i
                          JOIN chain_effect e ON e.municipality = i.municipality AND e.sequence = i.sequence
                          JOIN unnest(%(kinds)s::smallint[], %(places)s::integer[]) AS k (kind, place) ON k.kind = e.kind
                          WHERE i.municipality = w.municipality AND i.disposition IS NULL
                            AND substring(e.words FROM k.place FOR 20) = w.address) AS has_incident
           FROM wallet w JOIN account a ON a.municipality = w.municipality AND a.id = w.account
           WHERE w.municipality = %(code)s""",
        {**key, **debits_of_holders()},
    ).fetchall()
    for row in rows:
        name = holder_account(bytes(row["address"]))
        yield f"{name} account", row["account"], name
        yield f"{name} closed or frozen", row["is_barred"], False
        yield f"{name} held by an incident", row["in_incident"], row["has_incident"]


def of_dates(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """Which lane each date has, and the numbers of the operations that opened, ended and replaced it."""
    rows = conn.execute(
        """SELECT expiry_s, lane, opened_sequence AS opened, expired_sequence AS ended, replaced_sequence AS replaced
           FROM expiry_date WHERE municipality = %(code)s""",
        key,
    ).fetchall()
    books, proved = {row["expiry_s"]: row for row in rows}, _calendar(conn, key)
    for expiry_s in sorted(books.keys() | proved.keys()):
        mine, theirs = books.get(expiry_s, {}), proved.get(expiry_s, {})
        for column in ("lane", "opened", "ended", "replaced"):
            name = f"date {shown_last_day(expiry_s)} {column} in the calendar"
            yield name, mine.get(column, MISSING), theirs.get(column, MISSING)


def _calendar(conn: Conn, key: dict[str, Any]) -> dict[int, dict[str, int | None]]:
    """The calendar by the records that opened dates and ended them."""
    rows = conn.execute(
        """SELECT sequence, kind, words, context FROM chain_effect
           WHERE municipality = %(code)s AND kind = ANY (%(kinds)s) ORDER BY sequence""",
        {**key, "kinds": [Kind.CALENDAR, Kind.EXPIRE]},
    )
    dates: dict[int, dict[str, int | None]] = {}
    lanes: dict[int, int] = {}
    for effect in (Effect(**row) for row in rows):
        try:
            values: dict[str, Any] = values_of(effect)
        except InvalidInput:
            continue  # named where operations are played
        expiry_s = values["expiry"]
        if effect.kind == Kind.EXPIRE:
            dates.setdefault(expiry_s, {})["ended"] = effect.sequence
            continue
        lane = values["lane"]
        if lane in lanes:
            dates[lanes[lane]]["replaced"] = effect.sequence
        lanes[lane] = expiry_s
        dates[expiry_s] = {"lane": lane, "opened": effect.sequence, "ended": None, "replaced": None}
    return dates


def of_signers(conn: Conn, key: dict[str, Any], play: Play) -> Iterator[Row]:
    """Who may sign for the town, and whose cash a key's charges are."""
    rows = conn.execute("SELECT address, channel FROM signer WHERE municipality = %(code)s", key).fetchall()
    books = {bytes(row["address"]): row["channel"] or "" for row in rows}
    for address in sorted(books.keys() | play.signers()):
        name = f"signer {checksum_address(address)}"
        yield f"{name} channel", books.get(address, MISSING), play.channel_of(address)


def of_funds(conn: Conn, key: dict[str, Any], municipality: Municipality) -> Iterator[Row]:
    """What each budget is, against the rules in force, and what it has given, against the journal."""
    budgets = {fund.id: fund.budget_yen for fund in municipality.program.funds}
    rows = conn.execute(
        """SELECT f.id, f.budget, f.spent,
                  (SELECT coalesce(sum(CASE WHEN j.debit = a.id THEN j.amount WHEN j.code = %(reversal)s THEN -j.amount ELSE 0 END), 0)
                   FROM journal j JOIN account a ON a.municipality = j.municipality AND a.id IN (j.debit, j.credit)
                   WHERE j.municipality = f.municipality AND a.class = 'point_expense' AND a.reference = f.id) AS given
           FROM fund f WHERE f.municipality = %(code)s ORDER BY f.position""",
        {**key, "reversal": JournalCode.REVERSAL},
    ).fetchall()
    for row in rows:
        yield f"fund {row['id']} given", row["spent"], row["given"]
        yield f"fund {row['id']} budget", row["budget"], budgets.pop(row["id"], MISSING)
    for fund, budget in budgets.items():
        yield f"fund {fund} budget", MISSING, budget


def of_allowances(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """What each channel's key has issued on a day, against its charges; only what differs is read."""
    rows = conn.execute(
        """SELECT signer, day, coalesce(u.used, 0) AS used, coalesce(t.charged, 0) AS charged
           FROM (SELECT * FROM signer_usage WHERE municipality = %(code)s) u
           FULL JOIN (SELECT signer, day, sum(coins::numeric + points) AS charged FROM top_up
                      WHERE municipality = %(code)s GROUP BY signer, day) t USING (signer, day)
           WHERE coalesce(u.used, 0) <> coalesce(t.charged, 0)""",
        key,
    ).fetchall()
    for row in rows:
        name = checksum_address(bytes(row["signer"]))
        yield (
            f"allowance used {name} {shown_day(row['day'])} against its top-ups",
            row["used"],
            row["charged"],
        )
