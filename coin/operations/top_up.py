"""Top-ups (charges): a channel took cash and signs for coins, and for the bonus that belongs to them.

Decides by the program, the channel's allowance, the period's cap and the fund, all under the lock of the journal's
head, so that a budget stops exactly at zero however many charge at once. A reference is used once per channel.
Keeps:   I-01, I-04, I-05. Source: docs/formats.md §3 (01).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coin import messages
from coin.clock import Clock, fiscal_year, fiscal_year_start_s, is_jst_midnight, jst_day
from coin.database.database import Conn
from coin.errors import InvariantBroken, Rejected, Rejection
from coin.ledger.accounts import Account, AccountClass, find_account
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import Posted, SignedRecord, Transfer, post
from coin.lots import Lot, quote_bonus_yen
from coin.messages import checksum_address
from coin.program import MAX_LANE_YEN, LotKind
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind
from coin.registry import audit, signers
from coin.registry.municipality import Municipality
from coin.registry.signers import Signer, SignerRole
from coin.registry.windows import window_refusal
from coin.signatures import Signed, check_signatures


@dataclass(frozen=True, slots=True)
class TopUp(messages.TopUp):
    """A TopUp with the signature of its channel."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class Quote:
    """What a charge would bring now: its bonus, and the ends of both."""

    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """A charge that is in the books, now or from an earlier identical message."""

    digest: bytes
    sequence: int
    accepted_at_ms: int


@dataclass(frozen=True, slots=True)
class _Request:
    """A message whose signature is good."""

    message: TopUp
    digest: bytes
    record: SignedRecord


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules look at, read under the lock."""

    signer: Signer
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


def quote(connection: Conn, municipality: Municipality, at_ms: int, coins: int) -> Quote:
    """What a charge of `coins` would bring at that moment, by the rules and what the fund has left.

    Raises:  Rejected (`date_not_in_calendar`), if the rules name no expiry for that moment.
    """
    program = municipality.program
    fund = program.fund(program.premium.fund)
    row = connection.execute(
        "SELECT budget - spent AS remaining FROM fund WHERE municipality = %s AND id = %s",
        [municipality.code, fund.id],
    ).fetchone()
    remaining = row["remaining"] if row else 0
    points = quote_bonus_yen(coins, program.premium.rate_bps, remaining, fund.exhaustion)
    return Quote(
        coins=coins,
        coin_expiry_s=program.expiry_s(LotKind.COIN, at_ms),
        points=points,
        point_expiry_s=program.expiry_s(LotKind.POINT, at_ms) if points else 0,
    )


def top_up(
    connection: Conn, municipality: Municipality, clock: Clock, message: TopUp, *, actor: str
) -> ToppedUp:
    """Post a charge; the same message again gives the first answer.

    Raises:  Rejected; then nothing moved.
    Keeps:   I-01, I-04.
    """
    outcome = top_up_many(connection, municipality, clock, [message], actor=actor)[0]
    if isinstance(outcome, Rejected):
        raise outcome
    return outcome


def top_up_many(
    connection: Conn, municipality: Municipality, clock: Clock, requests: Sequence[TopUp], *, actor: str
) -> list[ToppedUp | Rejected]:
    """Post charges in order, each decided by itself; all in one transaction of the caller's.

    Returns: for each message what was posted, or why it was refused.
    """
    checked = check_signatures(
        municipality.domain,
        TopUp.TYPE,
        [Signed(item.words, item.signature, item.channel) for item in requests],
    )
    outcomes: list[ToppedUp | Rejected] = []
    with numbering(connection, municipality.code, clock) as head:
        for message, found in zip(requests, checked, strict=True):
            if found.signature is None:
                outcomes.append(Rejected(Rejection.SIGNATURE_INVALID, field="signature"))
                continue
            record = SignedRecord(message.words, found.signature, message.channel)
            outcomes.append(
                _one(connection, municipality, head, _Request(message, found.digest, record), actor)
            )
    return outcomes


def _one(
    connection: Conn, municipality: Municipality, head: Head, request: _Request, actor: str
) -> ToppedUp | Rejected:
    earlier = find(connection, municipality, request.digest)
    if earlier is not None:
        return earlier
    facts = _facts(connection, municipality, head, request.message)
    for reason, field in _refusals(municipality, head, request.message, facts):
        return Rejected(reason, field=field)
    posted = _post(connection, municipality, head, request, facts, actor)
    _remember(connection, municipality, head, request, facts, posted)
    audit.record(
        connection,
        head.code,
        at_ms=head.accepted_at_ms,
        actor=actor,
        action="top_up",
        subject=checksum_address(request.message.holder),
        detail={
            "sequence": posted.sequence,
            "coins": request.message.coins,
            "points": request.message.points,
            "channel": facts.signer.channel,
        },
    )
    return ToppedUp(request.digest, posted.sequence, posted.accepted_at_ms)


def find(connection: Conn, municipality: Municipality, digest: bytes) -> ToppedUp | None:
    """The charge of that digest, if it is in the books."""
    row = connection.execute(
        """SELECT o.sequence, o.accepted_at_ms FROM top_up t
           JOIN operation o ON o.municipality = t.municipality AND o.id = t.operation
           WHERE t.municipality = %s AND t.digest = %s""",
        [municipality.code, digest],
    ).fetchone()
    return None if row is None else ToppedUp(digest, row["sequence"], row["accepted_at_ms"])


def is_reference_used(connection: Conn, municipality: Municipality, channel: str, reference: bytes) -> bool:
    """Whether a charge of that channel has that reference already (取込済)."""
    row = connection.execute(
        "SELECT 1 FROM top_up WHERE municipality = %s AND channel = %s AND reference = %s",
        [municipality.code, channel, reference],
    ).fetchone()
    return row is not None


# ------------------------------------------------------------------ deciding


def _refusals(
    municipality: Municipality, head: Head, message: TopUp, facts: _Facts
) -> Iterator[tuple[Rejection, str]]:
    """The rungs that apply, lowest first."""
    yield from _refusals_of_parties(message, facts)
    yield from _refusals_of_amounts(municipality, message, facts)
    yield from _refusals_of_dates(head, message, facts)
    total = message.coins + message.points
    for expiry_s, amount in _by_date(message).items():
        if facts.at_dates.get(expiry_s, 0) + amount > MAX_LANE_YEN:
            yield Rejection.LANE_FULL, "holder"
    if facts.used_allowance + total > facts.signer.allowance:
        yield Rejection.ALLOWANCE_EXCEEDED, "channel"
    if total > facts.room_in_cap:
        yield Rejection.CAP_EXCEEDED, "coins"


def _refusals_of_parties(message: TopUp, facts: _Facts) -> Iterator[tuple[Rejection, str]]:
    if facts.signer.role is not SignerRole.CHANNEL or facts.signer.channel is None:
        yield Rejection.SIGNER_NOT_AUTHORIZED, "channel"
    window = window_refusal(facts.signer.nonce_base, facts.signer.nonce_map, message.nonce)
    if window is not None:
        yield window, "nonce"
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
    if quoted is None:  # the rules issue nothing now, whatever date was signed
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


def _facts(connection: Conn, municipality: Municipality, head: Head, message: TopUp) -> _Facts:
    code, at_s = head.code, head.accepted_at_ms // 1000
    signer = signers.find(connection, code, message.channel)
    row = connection.execute(
        _FACTS,
        {
            "code": code,
            "holder": message.holder,
            "day": jst_day(at_s),
            "year_day": jst_day(fiscal_year_start_s(fiscal_year(head.accepted_at_ms))),
            "at_ms": head.accepted_at_ms,
            "signer": message.channel,
            "channel": signer.channel,
            "reference": message.reference,
        },
    ).fetchone()
    if row is None:
        raise InvariantBroken("a query without a table gives one row")
    return _Facts(
        signer=signer,
        account=Account(row["account"], AccountClass.HOLDER) if row["account"] else None,
        is_merchant=row["is_merchant"],
        is_closed=bool(row["closed"]),
        charged_today=int(row["charged_today"]),
        charged_this_year=int(row["charged_this_year"]),
        balance=int(row["balance"]),
        at_dates={int(expiry): amount for expiry, amount in row["at_dates"].items()},
        dates=frozenset(row["dates"]),
        quote=_quote_or_none(connection, municipality, head, message),
        is_reference_used=row["is_reference_used"],
        used_allowance=int(row["used_allowance"]),
        room_in_cap=int(row["room_in_cap"]),
    )


def _quote_or_none(connection: Conn, municipality: Municipality, head: Head, message: TopUp) -> Quote | None:
    try:
        return quote(connection, municipality, head.accepted_at_ms, message.coins)
    except Rejected:
        return None


_FACTS = """
WITH w AS (SELECT * FROM wallet WHERE municipality = %(code)s AND address = %(holder)s),
     held AS (SELECT b.expiry_s, sum(b.amount) AS amount FROM balance b JOIN w ON b.account = w.account
              WHERE b.municipality = %(code)s GROUP BY b.expiry_s),
     charged AS (SELECT day, coins FROM top_up
                 WHERE municipality = %(code)s AND holder = %(holder)s AND day >= %(year_day)s)
SELECT (SELECT account FROM w) AS account,
       (SELECT closed FROM w) AS closed,
       EXISTS (SELECT FROM merchant WHERE municipality = %(code)s AND address = %(holder)s)
           OR EXISTS (SELECT FROM retired_merchant_address WHERE municipality = %(code)s AND address = %(holder)s)
           AS is_merchant,
       (SELECT coalesce(sum(coins), 0) FROM charged WHERE day = %(day)s) AS charged_today,
       (SELECT coalesce(sum(coins), 0) FROM charged) AS charged_this_year,
       (SELECT coalesce(sum(amount), 0) FROM held WHERE expiry_s * 1000 > %(at_ms)s) AS balance,
       (SELECT coalesce(jsonb_object_agg(expiry_s, amount), '{}') FROM held) AS at_dates,
       ARRAY(SELECT expiry_s FROM expiry_date WHERE municipality = %(code)s AND replaced_sequence IS NULL) AS dates,
       EXISTS (SELECT FROM top_up WHERE municipality = %(code)s AND channel = %(channel)s AND reference = %(reference)s)
           AS is_reference_used,
       coalesce((SELECT used FROM signer_usage
                 WHERE municipality = %(code)s AND signer = %(signer)s AND day = %(day)s), 0) AS used_allowance,
       coalesce((SELECT cap - issued FROM period WHERE municipality = %(code)s), 0) AS room_in_cap
"""


# ------------------------------------------------------------------ writing


def _post(
    connection: Conn,
    municipality: Municipality,
    head: Head,
    request: _Request,
    facts: _Facts,
    actor: str,
) -> Posted:
    message, channel, holder = request.message, facts.signer.channel, facts.account
    if holder is None or channel is None:
        raise InvariantBroken("a charge without a holder or a channel was decided")
    code = municipality.code
    cash = find_account(connection, code, AccountClass.CASH, channel)
    transfers = [
        Transfer(JournalCode.TOP_UP, cash, holder, Lot(LotKind.COIN, message.coin_expiry_s), message.coins)
    ]
    if message.points:
        fund = municipality.program.premium.fund
        expense = find_account(connection, code, AccountClass.POINT_EXPENSE, fund)
        lot = Lot(LotKind.POINT, message.point_expiry_s, fund)
        transfers.append(Transfer(JournalCode.BONUS, expense, holder, lot, message.points))
    return post(connection, head, kind=Kind.TOP_UP, actor=actor, record=request.record, transfers=transfers)


def _remember(
    connection: Conn,
    municipality: Municipality,
    head: Head,
    request: _Request,
    facts: _Facts,
    posted: Posted,
) -> None:
    message, code = request.message, head.code
    total, day = message.coins + message.points, jst_day(head.accepted_at_ms // 1000)
    fund = municipality.program.premium.fund
    connection.execute(
        """INSERT INTO top_up (municipality, digest, operation, channel, signer, holder, coins, coin_expiry_s, points,
                               point_expiry_s, fund, reference, day)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            code,
            request.digest,
            posted.operation,
            facts.signer.channel,
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
        [code, message.channel, day, total],
    )
    connection.execute("UPDATE period SET issued = issued + %s WHERE municipality = %s", [total, code])
    connection.execute(
        "UPDATE fund SET spent = spent + %s WHERE municipality = %s AND id = %s", [message.points, code, fund]
    )
    signers.use_nonce(connection, code, facts.signer, message.nonce)
