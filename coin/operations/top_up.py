"""Top-ups (charges): a channel has taken cash, and signs for coins and their bonus.

Decides by the program, the channel's allowance, the period's cap and the fund, all under the lock of the journal's head, so
that concurrent charges cannot overspend a budget. A reference is used once per channel.
Keeps:   I-01, I-04, I-05. Source: docs/formats.md §3 (01).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from coin import messages
from coin.clock import fiscal_year, fiscal_year_start_s, is_jst_midnight, jst_day
from coin.errors import InvariantBroken, Rejected, Rejection
from coin.formats import MAX_LANE_YEN
from coin.ledger.accounts import Account, AccountClass, find_account
from coin.ledger.journal_head import Head
from coin.ledger.posting import Posted, Transfer
from coin.lots import Lot, quote_bonus_yen
from coin.messages import checksum_address
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind
from coin.registry.books import Books
from coin.registry.municipality import Municipality
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class Quote:
    """The bonus of a charge now, and the expiry of coins and bonus."""

    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that the rules need, read under the lock."""

    account: Account | None
    is_merchant: bool
    is_closed: bool
    charged_today: int
    charged_this_year: int
    balance: int
    at_dates: dict[int, int]
    dates: frozenset[int]
    quote: Quote | None
    is_reference_used: bool
    used_allowance: int
    room_in_cap: int


@dataclass(frozen=True, slots=True)
class TopUp(messages.TopUp, Operation[_Facts]):
    """A charge, with the signature of its channel; with `earlier_reference`, the one that its slip had in an earlier release,
    it is refused if that was used.

    Keeps:   I-01, I-04.
    """

    KIND = Kind.TOP_UP
    ACTION = "top_up"
    signature: bytes
    earlier_reference: bytes | None = None

    def signing(self) -> Signing:
        """Return the channel's signature and nonce."""
        return Signing((Signature(self.channel, self.signature),), self.nonce)

    def facts(self, case: Case) -> _Facts:
        """Holder, limits, calendar, offer, allowance and cap, in one query."""
        return _facts(case, self)

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:
        """Yield the rejections that apply."""
        for reason, field in _refusals(case, self, facts):
            yield Rejected(reason, field=field)

    def transfers(self, case: Case, facts: _Facts) -> list[Transfer]:
        """Return coins from the channel's cash, and points from the fund's expense."""
        return _transfers(case, self, facts)

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store the charge, and the use of allowance, cap and fund."""
        _remember(case, self, posted, digest)
        detail = {"coins": self.coins, "points": self.points, "channel": case.signer.channel}
        return Entry(checksum_address(self.holder), detail)


def quote(books: Books, at_ms: int, coins: int) -> Quote:
    """Return the quote for a charge of `coins` at that moment, by the rules and the rest of the fund.

    Raises:  Rejected (`date_not_in_calendar`), if the rules name no expiry for that moment.
    """
    program = books.municipality.program
    fund = program.fund(program.premium.fund)
    row = books.connection.execute(
        "SELECT budget - spent AS remaining FROM fund WHERE municipality = %s AND id = %s",
        [books.municipality_code, fund.id],
    ).fetchone()
    remaining = row["remaining"] if row else 0
    points = quote_bonus_yen(coins, program.premium.rate_bps, remaining, fund.exhaustion)
    return Quote(
        coins=coins,
        coin_expiry_s=program.expiry_s(LotKind.COIN, at_ms),
        points=points,
        point_expiry_s=program.expiry_s(LotKind.POINT, at_ms) if points else 0,
    )


def is_reference_used(books: Books, channel: str, reference: bytes) -> bool:
    """Return whether a charge of that channel has that reference already (取込済)."""
    row = books.connection.execute(
        "SELECT 1 FROM top_up WHERE municipality = %s AND channel = %s AND reference = %s",
        [books.municipality_code, channel, reference],
    ).fetchone()
    return row is not None


# ------------------------------------------------------------------ deciding


def _refusals(case: Case, message: TopUp, facts: _Facts) -> Iterator[tuple[Rejection, str]]:
    """Yield the rejections that apply, lowest first."""
    yield from _refusals_of_parties(case, facts)
    yield from _refusals_of_amounts(case.books.municipality, message, facts)
    yield from _refusals_of_dates(case.head, message, facts)
    total = message.coins + message.points
    for expiry_s, amount in _by_date(message).items():
        if facts.at_dates.get(expiry_s, 0) + amount > MAX_LANE_YEN:
            yield Rejection.LANE_FULL, "holder"
    if facts.used_allowance + total > case.signer.allowance:
        yield Rejection.ALLOWANCE_EXCEEDED, "channel"
    if total > facts.room_in_cap:
        yield Rejection.CAP_EXCEEDED, "coins"


def _refusals_of_parties(case: Case, facts: _Facts) -> Iterator[tuple[Rejection, str]]:
    if case.signer.channel is None:
        yield Rejection.SIGNER_NOT_AUTHORIZED, "channel"
    if facts.is_merchant:
        yield Rejection.HOLDER_IS_MERCHANT, "holder"
    elif facts.account is None:
        yield Rejection.HOLDER_UNKNOWN, "holder"
    if facts.is_closed:
        yield Rejection.ACCOUNT_CLOSED, "holder"


def _refusals_of_amounts(
    municipality: Municipality, message: TopUp, facts: _Facts
) -> Iterator[tuple[Rejection, str]]:
    rules = municipality.program.charge
    if not 1 <= message.coins <= MAX_LANE_YEN or message.points > MAX_LANE_YEN:
        yield Rejection.AMOUNT_INVALID, "coins"
    if message.coins % rules.unit_yen or message.coins < rules.min_yen:
        yield Rejection.CHARGE_UNIT, "coins"
    if (
        message.coins > rules.max_yen_per_charge
        or facts.charged_today + message.coins > rules.max_yen_per_person_day
        or facts.charged_this_year + message.coins > rules.max_yen_per_person_year
    ):
        yield Rejection.CHARGE_LIMIT, "coins"
    if facts.balance + message.coins + message.points > municipality.program.limits.balance_yen:
        yield Rejection.BALANCE_LIMIT, "coins"
    if facts.quote is not None and message.points != facts.quote.points:
        yield Rejection.BONUS_DIFFERS, "points"
    if facts.is_reference_used:
        yield Rejection.REFERENCE_USED, "reference"


def _refusals_of_dates(head: Head, message: TopUp, facts: _Facts) -> Iterator[tuple[Rejection, str]]:
    quoted = facts.quote
    if quoted and (message.coin_expiry_s, message.point_expiry_s) != (
        quoted.coin_expiry_s,
        quoted.point_expiry_s,
    ):
        yield Rejection.DATE_INVALID, "coin_expiry_s"
    for expiry_s in _by_date(message):
        if not is_jst_midnight(expiry_s):
            yield Rejection.DATE_INVALID, "coin_expiry_s"
    for expiry_s in _by_date(message):
        if expiry_s not in facts.dates:
            yield Rejection.DATE_NOT_IN_CALENDAR, "coin_expiry_s"
    for expiry_s in _by_date(message):
        if expiry_s * 1000 <= head.accepted_at_ms:
            yield Rejection.DATE_PASSED, "coin_expiry_s"
    if quoted is None:  # outside the period, whatever date was signed
        yield Rejection.DATE_NOT_IN_CALENDAR, "coin_expiry_s"


def _by_date(message: TopUp) -> dict[int, int]:
    amounts: dict[int, int] = {}
    for expiry_s, amount in (
        (message.coin_expiry_s, message.coins),
        (message.point_expiry_s, message.points),
    ):
        if amount:
            amounts[expiry_s] = amounts.get(expiry_s, 0) + amount
    return amounts


# ------------------------------------------------------------------ reading


def _facts(case: Case, message: TopUp) -> _Facts:
    head, books = case.head, case.books
    at_s = head.accepted_at_ms // 1000
    row = books.connection.execute(
        _FACTS,
        {
            "municipality": head.municipality_code,
            "holder": message.holder,
            "day": jst_day(at_s),
            "year_day": jst_day(fiscal_year_start_s(fiscal_year(head.accepted_at_ms))),
            "at_ms": head.accepted_at_ms,
            "signer": message.channel,
            "channel": case.signer.channel,
            "references": [message.reference, message.earlier_reference],
        },
    ).fetchone()
    if row is None:
        raise InvariantBroken("a query without a table gives one row")
    return _Facts(
        account=Account(row["account"], AccountClass.HOLDER) if row["account"] else None,
        is_merchant=row["is_merchant"],
        is_closed=bool(row["closed"]),
        charged_today=int(row["charged_today"]),
        charged_this_year=int(row["charged_this_year"]),
        balance=int(row["balance"]),
        at_dates={int(expiry): amount for expiry, amount in row["at_dates"].items()},
        dates=frozenset(row["dates"]),
        quote=_quote_or_none(books, head.accepted_at_ms, message.coins),
        is_reference_used=row["is_reference_used"],
        used_allowance=int(row["used_allowance"]),
        room_in_cap=int(row["room_in_cap"]),
    )


def _quote_or_none(books: Books, at_ms: int, coins: int) -> Quote | None:
    try:
        return quote(books, at_ms, coins)
    except Rejected:
        return None


_FACTS = """
WITH w AS (SELECT * FROM wallet WHERE municipality = %(municipality)s AND address = %(holder)s),
     held AS (SELECT b.expiry_s, sum(b.amount) AS amount FROM balance b JOIN w ON b.account = w.account
              WHERE b.municipality = %(municipality)s GROUP BY b.expiry_s),
     charged AS (SELECT day, coins FROM top_up
                 WHERE municipality = %(municipality)s AND holder = %(holder)s AND day >= %(year_day)s)
SELECT (SELECT account FROM w) AS account,
       (SELECT closed FROM w) AS closed,
       EXISTS (SELECT FROM merchant WHERE municipality = %(municipality)s AND address = %(holder)s)
           OR EXISTS (SELECT FROM retired_merchant_address WHERE municipality = %(municipality)s AND address = %(holder)s)
           AS is_merchant,
       (SELECT coalesce(sum(coins), 0) FROM charged WHERE day = %(day)s) AS charged_today,
       (SELECT coalesce(sum(coins), 0) FROM charged) AS charged_this_year,
       (SELECT coalesce(sum(amount), 0) FROM held WHERE expiry_s * 1000 > %(at_ms)s) AS balance,
       (SELECT coalesce(jsonb_object_agg(expiry_s, amount), '{}') FROM held) AS at_dates,
       ARRAY(SELECT expiry_s FROM expiry_date WHERE municipality = %(municipality)s AND replaced_sequence IS NULL) AS dates,
       EXISTS (SELECT FROM top_up WHERE municipality = %(municipality)s AND channel = %(channel)s
                  AND reference = ANY (%(references)s))
           AS is_reference_used,
       coalesce((SELECT used FROM signer_usage
                 WHERE municipality = %(municipality)s AND signer = %(signer)s AND day = %(day)s), 0) AS used_allowance,
       coalesce((SELECT cap - issued FROM period WHERE municipality = %(municipality)s), 0) AS room_in_cap
"""


# ------------------------------------------------------------------ writing


def _transfers(case: Case, message: TopUp, facts: _Facts) -> list[Transfer]:
    channel, holder = case.signer.channel, facts.account
    if holder is None or channel is None:
        raise InvariantBroken("a charge without a holder or a channel was decided")
    connection, municipality_code = case.books.connection, case.head.municipality_code
    cash = find_account(connection, municipality_code, AccountClass.CASH, channel)
    transfers = [
        Transfer(JournalCode.TOP_UP, cash, holder, Lot(LotKind.COIN, message.coin_expiry_s), message.coins)
    ]
    if message.points:
        fund = case.books.municipality.program.premium.fund
        expense = find_account(connection, municipality_code, AccountClass.POINT_EXPENSE, fund)
        lot = Lot(LotKind.POINT, message.point_expiry_s, fund)
        transfers.append(Transfer(JournalCode.BONUS, expense, holder, lot, message.points))
    return transfers


def _remember(case: Case, message: TopUp, posted: Posted, digest: bytes) -> None:
    connection, municipality_code = case.books.connection, case.head.municipality_code
    total, day = message.coins + message.points, jst_day(case.head.accepted_at_ms // 1000)
    fund = case.books.municipality.program.premium.fund
    connection.execute(
        """INSERT INTO top_up (municipality, digest, operation, channel, signer, holder, coins, coin_expiry_s, points,
                               point_expiry_s, fund, reference, day)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            municipality_code,
            digest,
            posted.operation,
            case.signer.channel,
            message.channel,
            message.holder,
            message.coins,
            message.coin_expiry_s,
            message.points,
            message.point_expiry_s,
            fund if message.points else "",
            message.reference,
            day,
        ],
    )
    connection.execute(
        """INSERT INTO signer_usage AS u (municipality, signer, day, used) VALUES (%s, %s, %s, %s)
           ON CONFLICT (municipality, signer, day) DO UPDATE SET used = u.used + excluded.used""",
        [municipality_code, message.channel, day, total],
    )
    connection.execute(
        "UPDATE period SET issued = issued + %s WHERE municipality = %s", [total, municipality_code]
    )
    connection.execute(
        "UPDATE fund SET spent = spent + %s WHERE municipality = %s AND id = %s",
        [message.points, municipality_code, fund],
    )
