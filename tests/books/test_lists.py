"""A list decided in one call has the same result as the same payments one by one, and as a simple model. I-01, I-02, I-03, I-06, I-11."""

import copy
import itertools
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payments_model import Asked, LotKey, Model, Purse, Said

from coin.clock import DAY_S
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.ledger.accounts import Account, AccountClass, find_account
from coin.ledger.journal_head import numbering
from coin.ledger.posting import SignedRecord, Transfer, post
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.lots import Lot
from coin.payments import Accepted, Refused, Submission
from coin.payments.runs import Sides, run_length
from coin.program import Limits, LotKind, Send, SendPolicy
from coin.records.journal_codes import JournalCode
from coin.registry import wallets
from tests.worlds.books import Town, open_town
from tests.worlds.people import address_of
from tests.worlds.rules import FUND, HALF_YEAR_S, NEXT_YEAR_END_S, SPARE_FUND, START_MS, YEAR_END_S, program

RULES = program(limits=Limits(2500, 700), send=Send(SendPolicy.PERSON_TO_PERSON, 400, 600))
ENDED_S = START_MS // 1000 // DAY_S * DAY_S - 9 * 3600
PEOPLE = ("aiko", "bunta", "chie", "daigo")
LOTS: dict[str, dict[LotKey, int]] = {
    "aiko": {("point", HALF_YEAR_S, FUND): 100, ("coin", YEAR_END_S, ""): 400},
    "bunta": {
        ("coin", ENDED_S, ""): 500,
        ("point", YEAR_END_S, FUND): 120,
        ("point", YEAR_END_S, SPARE_FUND): 80,
        ("coin", YEAR_END_S, ""): 300,
        ("coin", NEXT_YEAR_END_S, ""): 1000,
    },
    "chie": {("coin", NEXT_YEAR_END_S, ""): 2300},
    "daigo": {("coin", YEAR_END_S, ""): 1000},
}
SHOPS = {"bakery": True, "cafe": True, "closed": False}
_examples = itertools.count()

odd = st.builds(
    Said,
    payer=st.sampled_from([*PEOPLE, "bakery", "stranger"]),
    payee=st.sampled_from(["bakery", "cafe", *PEOPLE, "closed", "stranger"]),
    value=st.sampled_from([0, 1, 200, 401, 701]),
    valid_after_s=st.sampled_from([0, 5, START_MS // 1000]),
    valid_before_s=st.sampled_from([START_MS // 1000 + life_s for life_s in (43_200, 1_800, 1_799, 0)]),
    nonce=st.sampled_from([0, 1, 119, 120, 121, 125, 1 << 24, 1 << 255]),
    is_forged=st.sampled_from([False, False, True]),
    checkout=st.sampled_from([None, "one", "two", "three", "none"]),
)
CHECKOUTS = {"one": ("bakery", 200), "two": ("cafe", 100), "three": ("bakery", 50)}


@st.composite
def sensible(draw: st.DrawFn) -> Said:
    """Something that an honest wallet could say; whether it is accepted depends on what came before."""
    payer = draw(st.sampled_from(["aiko", "bunta", "chie"]))
    checkout = draw(st.sampled_from([None, None, None, "one", "two", "three"]))
    payee = draw(st.sampled_from(["bakery", "cafe", "bakery", "cafe", *PEOPLE]))
    value = draw(st.sampled_from([30, 100, 200, 350, 400, 600, 700]))
    if checkout is not None:
        payee, value = CHECKOUTS[checkout]
    nonce = draw(st.sampled_from([*range(8), 1 << 24, 120]))
    return Said(payer, payee, value, 0, START_MS // 1000 + 43_200, nonce, is_forged=False, checkout=checkout)


said = st.integers(0, 5).flatmap(lambda place: odd if place == 5 else sensible())


@st.composite
def lists(draw: st.DrawFn) -> list[Said]:
    """Lists in which some things are sent again, word for word, or for another checkout."""
    items = draw(st.lists(said, min_size=4, max_size=20))
    for _ in range(draw(st.integers(0, 4))):
        again = draw(st.sampled_from(items))
        if draw(st.booleans()):
            again = replace(again, checkout=draw(st.sampled_from([None, "one", "two"])))
        items.insert(draw(st.integers(0, len(items))), again)
    return items


@pytest.fixture(scope="module")
def towns(postgres: EmbeddedPostgres) -> Iterator[tuple[Town, Town]]:
    """Two towns with the same history but for how lists are handed in."""
    opened = []
    for name in ("lists_together", "lists_apart"):
        postgres.create_database(name, template="template_bandai")
        opened.append(Database.open(postgres.url(name, user="bandai_app")))
    made = [open_town(database, RULES) for database in opened]
    for town in made:
        town.shop("cafe", 2)
        town.shop("closed", 3, status=2)
    yield made[0], made[1]
    for database in opened:
        database.close()


class Play:
    """One example: fresh people in a town, and their checkouts."""

    def __init__(self, town: Town, example: int) -> None:
        self.town = town
        self.example = example
        town.register(*(self.name(person) for person in PEOPLE))
        for person in PEOPLE:
            self.give(person, LOTS[person])
        frozen = town.clock.now_ms() // 1000 + 60
        town.rows(
            "UPDATE wallet SET frozen_until_s = %s WHERE address = %s", frozen, address_of(self.name("daigo"))
        )
        now_ms = town.clock.now_ms()
        self.checkouts = {
            "one": town.checkout(200, 1),
            "two": town.checkout(100, 2),
            "three": town.checkout(50, 1, deadline_ms=now_ms),
            "none": "Z" * 26,
        }
        self.first = int(str(town.rows("SELECT last_sequence FROM journal_head")[0]["last_sequence"]))
        self.earned = {name: town.shop_balance(number) for number, name in enumerate(SHOPS, start=1)}

    def name(self, person: str) -> str:
        """The people of each example are others; the shops stay."""
        return f"{person} {self.example}" if person in PEOPLE else person

    def give(self, person: str, lots: dict[LotKey, int]) -> None:
        """Put lots into a wallet by the ledger's own hand; the record means nothing here."""
        with self.town.books() as books:
            code = self.town.municipality.code
            holder = wallets.get(books, address_of(self.name(person))).account
            cash = find_account(books.connection, code, AccountClass.CASH, "counter")
            transfers = [
                Transfer(
                    JournalCode.TOP_UP,
                    cash,
                    Account(holder, AccountClass.HOLDER),
                    Lot(LotKind(kind), expiry_s, fund),
                    amount,
                )
                for (kind, expiry_s, fund), amount in lots.items()
            ]
            with numbering(books.connection, code, self.town.clock) as head:
                post(
                    books.connection,
                    head,
                    kind=1,
                    actor="test",
                    record=SignedRecord(bytes(256), digest=secrets.token_bytes(32)),
                    transfers=transfers,
                )

    def submission(self, item: Said) -> Submission:
        """Sign what was said."""
        signed = self.town.authorization(
            self.name(item.payer),
            self.name(item.payee),
            item.value,
            item.nonce,
            valid_after_s=item.valid_after_s,
            valid_before_s=item.valid_before_s,
            key="a thief" if item.is_forged else None,
        )
        return Submission(signed, self.checkouts[item.checkout] if item.checkout else None)

    def told(self, answer: object) -> object:
        """An answer in the model's words."""
        if isinstance(answer, Refused):
            return answer.code
        assert isinstance(answer, Accepted)
        parts = [((part.kind, part.expiry_s, part.fund), part.amount) for part in answer.parts]
        return answer.sequence - self.first, parts

    def state(self) -> object:
        """What everybody has at the end."""
        purses = {person: {lot[:3]: lot[3] for lot in self.town.lots(self.name(person))} for person in PEOPLE}
        shops = {
            name: self.town.shop_balance(number) - self.earned[name]
            for number, name in enumerate(SHOPS, start=1)
        }
        return purses, shops

    def windows(self) -> list[tuple[object, object]]:
        """The nonce windows of the people."""
        rows = [
            self.town.rows(
                "SELECT nonce_base, nonce_map FROM wallet WHERE address = %s", address_of(self.name(person))
            )[0]
            for person in PEOPLE
        ]
        return [(row["nonce_base"], row["nonce_map"]) for row in rows]


def _model() -> Model:
    return Model(
        now_ms=START_MS,
        purses={person: Purse(dict(LOTS[person]), is_frozen=person == "daigo") for person in PEOPLE},
        shops=dict(SHOPS),
        asked={
            "one": Asked("bakery", 200, START_MS + 1),
            "two": Asked("cafe", 100, START_MS + 1),
            "three": Asked("bakery", 50, START_MS),
        },
        fund_order=[SPARE_FUND, FUND],
        max_payment=700,
        max_send=400,
        max_send_month=600,
        max_balance=2500,
    )


def _state_of(model: Model) -> object:
    purses = {
        person: {lot: amount for lot, amount in purse.lots.items() if amount}
        for person, purse in model.purses.items()
    }
    return purses, {name: model.earned.get(name, 0) for name in SHOPS}


def _window_of(purse: Purse) -> tuple[int, str]:
    base = purse.base()
    return base, "".join("1" if base + place in purse.used else "0" for place in range(120))


@settings(max_examples=20, suppress_health_check=list(HealthCheck), derandomize=True)
@given(items=lists())
def test_a_list_is_decided_as_one_by_one_and_as_the_model(
    towns: tuple[Town, Town], items: list[Said]
) -> None:
    together, apart = towns
    example = next(_examples)
    one_call, one_by_one, model = Play(together, example), Play(apart, example), _model()

    first = [one_call.told(answer) for answer in together.accept(*map(one_call.submission, items))]
    second = [one_by_one.told(apart.accept(one_by_one.submission(item))[0]) for item in items]
    third = [copy.deepcopy(model.decide(item)) for item in items]

    assert first == second == third
    assert one_call.state() == one_by_one.state() == _state_of(model)
    assert one_call.windows() == one_by_one.windows() == [_window_of(model.purses[p]) for p in PEOPLE]


def test_after_all_lists_the_books_are_in_order(towns: tuple[Town, Town]) -> None:
    for town in towns:
        with town.database.transaction() as connection:
            trial = trial_balance(connection, town.municipality.code)
            differences = replay(connection, town.municipality.code)
            numbers = connection.execute(
                """SELECT h.last_sequence, count(*) AS operations, max(o.sequence) AS highest,
                          (SELECT count(*) FROM chain_effect) AS effects
                   FROM journal_head h JOIN operation o USING (municipality) GROUP BY h.last_sequence"""
            ).fetchone()

        assert trial.debits == trial.credits > 0
        assert trial.differences == {}
        assert differences == []
        assert numbers is not None
        assert len(set(numbers.values())) == 1


def test_a_run_ends_before_one_that_depends_on_another() -> None:
    def sides(payer: str, payee: str, nonce: int, checkout: str | None = None) -> Sides:
        return Sides(payer.encode(), payee.encode(), bytes([nonce]), checkout)

    pays, sends = sides("a", "shop", 0), sides("a", "b", 1)
    purses = {b"a", b"b", b"c"}

    assert run_length([], purses) == 0
    assert run_length([pays, sides("a", "shop", 1), sides("b", "shop", 0)], purses) == 3
    assert run_length([pays, sides("a", "shop", 0)], purses) == 1
    assert run_length([sides("a", "shop", 0, "x"), sides("b", "shop", 0, "x")], purses) == 1
    assert run_length([sides("a", "b", 0), sides("b", "shop", 0)], purses) == 1
    assert run_length([pays, sends], purses) == 1
    assert run_length([sides("b", "shop", 0), sends], purses) == 1
    assert run_length([sends, sides("c", "b", 0)], purses) == 1
    assert run_length([sends, sides("a", "shop", 2), sides("c", "shop", 0)], purses) == 3
