"""Vouches for the registers: shops, wallets, dates and signers, and the rest of budgets and allowances.

Each is compared with its records, so that nobody can change a shop's address, block a wallet, end a date or spend a budget
twice. Verifies I-05 and I-11.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.ledger.accounts import AccountClass
from coin.program import Fund
from coin.reconciliation.figures import AccountName, Against, Field, Figure, SignerDay, Subject
from coin.reconciliation.played import Play, Values, holder_account, shop_account
from coin.reconciliation.reading import Key, rows
from coin.records.effects import Effect, values_of
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind, debits_of_holders
from coin.registry.personal import PersonalData
from coin.shop_facts import NO_BANK_HASH, bank_hash, facts_hash


class _ShopRow(NamedTuple):
    number: int
    address: bytes
    is_open: bool
    account_class: str
    reference: str
    name: str
    name_romaji: str
    city_romaji: str
    category: str
    bank_hash: bytes

    @property
    def facts(self) -> bytes:
        return facts_hash(self.name, self.name_romaji, self.city_romaji, self.category, self.bank_hash)

    @property
    def account(self) -> AccountName:
        return AccountName(AccountClass(self.account_class), self.reference)


def of_shops(conn: Conn, key: Key, play: Play) -> Iterator[Figure]:
    """Yield each shop's address, which wallets sign for, its account in the books, and its facts."""
    query = """SELECT m.number, m.address, m.is_open, a.class::text AS account_class, a.reference, m.name, m.name_romaji,
                      m.city_romaji, m.category, m.bank_hash
               FROM merchant m JOIN account a ON a.municipality = m.municipality AND a.id = m.account
               WHERE m.municipality = %(municipality)s"""
    books = {row.number: row for row in rows(conn, _ShopRow, query, key)}
    for number in sorted(books.keys() | play.numbers()):
        row, registered = books.get(number), play.shop(number)
        mine = (row.address, row.is_open, row.account, row.facts) if row else (None,) * 4
        proved = (*registered, shop_account(number), play.facts_of(number)) if registered else (None,) * 4
        for field, said, other in zip(
            (Field.ADDRESS, Field.IS_OPEN, Field.ACCOUNT, Field.FACTS), mine, proved, strict=True
        ):
            yield Figure(Subject.MERCHANT, number, field, said, other)


class _BankRow(NamedTuple):
    number: int
    bank_hash: bytes


def of_bank_accounts(conn: Conn, key: Key, personal: PersonalData) -> Iterator[Figure]:
    """Yield each shop's bank account as it is stored, compared with the hash in its row, which two staff have signed."""
    query = "SELECT number, bank_hash FROM merchant WHERE municipality = %(municipality)s ORDER BY number"
    shops = {f"merchant:{row.number:06d}": row for row in rows(conn, _BankRow, query, key)}
    opened = personal.readable(conn, str(key["municipality"]), list(shops))
    for subject, row in shops.items():
        signed = None if row.bank_hash == NO_BANK_HASH else row.bank_hash
        kept = _bank_hash(opened[subject]) if subject in opened else None
        yield Figure(Subject.MERCHANT, row.number, Field.BANK_ACCOUNT, kept, signed)


def _bank_hash(kept: Mapping[str, str]) -> bytes | None:
    try:
        return bank_hash(bytes.fromhex(kept["salt"]), kept)
    except (KeyError, ValueError):
        return None


class _RetiredRow(NamedTuple):
    number: int
    address: bytes


def of_retired_addresses(conn: Conn, key: Key, play: Play) -> Iterator[Figure]:
    """Yield the earlier addresses of shops whose keys were replaced."""
    query = "SELECT number, address FROM retired_merchant_address WHERE municipality = %(municipality)s"
    books = {row.address: row.number for row in rows(conn, _RetiredRow, query, key)}
    for address in sorted(books.keys() | play.retired.keys()):
        numbers = books.get(address), play.retired.get(address)
        yield Figure(Subject.RETIRED_ADDRESS, address, Field.MERCHANT_NUMBER, *numbers)


class _WalletRow(NamedTuple):
    address: bytes
    in_incident: bool
    is_barred: bool
    account_class: str
    reference: str
    has_incident: bool


def of_accounts(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield the account of each wallet, and whether anything blocks it; no record of this release closes or freezes a wallet
    or lets it exit."""
    query = """SELECT w.address, w.in_incident, w.closed OR w.frozen_until_s > 0 OR w.exit_at_s IS NOT NULL AS is_barred,
                      a.class::text AS account_class, a.reference,
                      EXISTS (SELECT FROM incident i
                              JOIN chain_effect e ON e.municipality = i.municipality AND e.sequence = i.sequence
                              JOIN unnest(%(kinds)s::smallint[], %(places)s::integer[]) AS k (kind, place) ON k.kind = e.kind
                              WHERE i.municipality = w.municipality AND i.disposition IS NULL
                                AND substring(e.words FROM k.place FOR 20) = w.address) AS has_incident
               FROM wallet w JOIN account a ON a.municipality = w.municipality AND a.id = w.account
               WHERE w.municipality = %(municipality)s"""
    for row in rows(conn, _WalletRow, query, {**key, **debits_of_holders()}):
        holder, account = row.address, AccountName(AccountClass(row.account_class), row.reference)
        yield Figure(Subject.HOLDER, holder, Field.ACCOUNT, account, holder_account(holder))
        yield Figure(Subject.HOLDER, holder, Field.IS_BARRED, row.is_barred, False)
        held = row.in_incident, row.has_incident
        yield Figure(Subject.HOLDER, holder, Field.IS_IN_INCIDENT, *held, Against.INCIDENTS)


@dataclass(slots=True)
class _Date:
    """A date of the calendar: its lane, and the numbers of the operations that opened, ended and replaced the date."""

    lane: int | None = None
    opened: int | None = None
    ended: int | None = None
    replaced: int | None = None


class _DateRow(NamedTuple):
    expiry_s: int
    lane: int
    opened: int
    ended: int | None
    replaced: int | None


def of_dates(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield the lane of each date, and the numbers of the operations that opened, ended and replaced the date."""
    query = """SELECT expiry_s, lane, opened_sequence AS opened, expired_sequence AS ended, replaced_sequence AS replaced
               FROM expiry_date WHERE municipality = %(municipality)s"""
    books = {
        row.expiry_s: _Date(row.lane, row.opened, row.ended, row.replaced)
        for row in rows(conn, _DateRow, query, key)
    }
    proved = _calendar(conn, key)
    for expiry_s in sorted(books.keys() | proved.keys()):
        mine, theirs = books.get(expiry_s, _Date()), proved.get(expiry_s, _Date())
        for field, said, other in (
            (Field.LANE, mine.lane, theirs.lane),
            (Field.OPENED_BY, mine.opened, theirs.opened),
            (Field.ENDED_BY, mine.ended, theirs.ended),
            (Field.REPLACED_BY, mine.replaced, theirs.replaced),
        ):
            yield Figure(Subject.DATE, expiry_s, field, said, other)


def _calendar(conn: Conn, key: Key) -> dict[int, _Date]:
    """Return the calendar according to the records."""
    query = """SELECT sequence, kind, words, context FROM chain_effect
               WHERE municipality = %(municipality)s AND kind = ANY (%(kinds)s) ORDER BY sequence"""
    dates: dict[int, _Date] = {}
    lanes: dict[int, int] = {}
    for effect in rows(conn, Effect, query, {**key, "kinds": [Kind.CALENDAR, Kind.EXPIRE]}):
        try:
            values: Values = values_of(effect)
        except InvalidInput:
            continue  # reported where operations are replayed
        expiry_s = values["expiry"]
        if effect.kind == Kind.EXPIRE:
            dates.setdefault(expiry_s, _Date()).ended = effect.sequence
            continue
        lane = values["lane"]
        if lane in lanes:
            dates[lanes[lane]].replaced = effect.sequence
        lanes[lane] = expiry_s
        dates[expiry_s] = _Date(lane, effect.sequence)
    return dates


class _SignerRow(NamedTuple):
    address: bytes
    channel: str | None


def of_signers(conn: Conn, key: Key, play: Play) -> Iterator[Figure]:
    """Yield each signer's role, and the channel that a key's charges belong to."""
    query = "SELECT address, channel FROM signer WHERE municipality = %(municipality)s"
    books = {row.address: row.channel or "" for row in rows(conn, _SignerRow, query, key)}
    for address in sorted(books.keys() | play.signers()):
        channels = books.get(address), play.channel_of(address)
        yield Figure(Subject.SIGNER, address, Field.CHANNEL, *channels)


class _FundRow(NamedTuple):
    id: str
    budget: int
    spent: int
    given: Decimal


def of_funds(conn: Conn, key: Key, funds: tuple[Fund, ...]) -> Iterator[Figure]:
    """Yield each budget, compared with the rules in force, and the points that it has given, compared with the journal."""
    query = """SELECT f.id, f.budget, f.spent,
                      (SELECT coalesce(sum(CASE WHEN j.debit = a.id THEN j.amount WHEN j.code = %(reversal)s THEN -j.amount ELSE 0 END), 0)
                       FROM journal j JOIN account a ON a.municipality = j.municipality AND a.id IN (j.debit, j.credit)
                       WHERE j.municipality = f.municipality AND a.class = 'point_expense' AND a.reference = f.id) AS given
               FROM fund f WHERE f.municipality = %(municipality)s ORDER BY f.position"""
    budgets = {fund.id: fund.budget_yen for fund in funds}
    for row in rows(conn, _FundRow, query, {**key, "reversal": JournalCode.REVERSAL}):
        yield Figure(Subject.FUND, row.id, Field.GIVEN, row.spent, int(row.given), Against.JOURNAL)
        yield Figure(Subject.FUND, row.id, Field.BUDGET, row.budget, budgets.pop(row.id, None), Against.RULES)
    for fund, budget in budgets.items():
        yield Figure(Subject.FUND, fund, Field.BUDGET, None, budget, Against.RULES)


class _UsageRow(NamedTuple):
    signer: bytes
    day: int
    used: int
    charged: Decimal


def of_allowances(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield what each channel's key has issued on a day, compared with its charges; only differing rows are read."""
    query = """SELECT signer, day, coalesce(u.used, 0) AS used, coalesce(t.charged, 0) AS charged
               FROM (SELECT * FROM signer_usage WHERE municipality = %(municipality)s) u
               FULL JOIN (SELECT signer, day, sum(coins::numeric + points) AS charged FROM top_up
                          WHERE municipality = %(municipality)s GROUP BY signer, day) t USING (signer, day)
               WHERE coalesce(u.used, 0) <> coalesce(t.charged, 0)"""
    for row in rows(conn, _UsageRow, query, key):
        usage = SignerDay(row.signer, row.day)
        yield Figure(Subject.USAGE, usage, Field.USED, row.used, int(row.charged), Against.TOP_UPS)
