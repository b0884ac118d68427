"""Whatever reconciliation can name has its words, Japanese and English: every subject, field, side and kind of value."""

import re
from collections.abc import Mapping
from enum import Enum

import pytest

from coin.errors import SENTENCES, Rejection
from coin.ledger.accounts import AccountClass
from coin.lots import Lot
from coin.program import LotKind
from coin.reconciliation.figures import (
    AccountLot,
    AccountName,
    Against,
    CheckoutState,
    Entry,
    Field,
    Figure,
    Holding,
    JournalLine,
    Open,
    OpenItem,
    Purse,
    RandomNonce,
    SignerDay,
    Span,
    StrangeRecord,
    Subject,
    Unreadable,
    Value,
    Window,
)
from town_cli.commands import reconcile_words as words

TABLES: tuple[tuple[type[Enum], Mapping[Enum, words.Words]], ...] = (
    (Subject, words.SUBJECTS),
    (Field, words.FIELDS),
    (Against, words.AGAINST),
    (Open, words.OPEN),
    (AccountClass, words.ACCOUNTS),
    (LotKind, words.LOTS),
)
ADDRESS = bytes.fromhex("624f6673bfed5846ca72c055d12d56b1660714f4")
NO_CALENDAR_HAS_IT = 10**18
BAKERY = AccountName(AccountClass.MERCHANT, "000001")
LINE = JournalLine(700, Lot(LotKind.COIN, 0), AccountName(AccountClass.EXPIRED_INCOME, ""), BAKERY)
IDS = {
    Subject.TOWN: None,
    Subject.OPERATION: 12,
    Subject.OPERATIONS: Span(12, 14),
    Subject.BATCH: 1,
    Subject.FOREIGN_RECORD: StrangeRecord(5, 12, 4, 300, (ADDRESS,)),
    Subject.HOLDER: ADDRESS,
    Subject.HOLDING: Holding(ADDRESS, 1_680_274_800),
    Subject.NONCE: RandomNonce(ADDRESS, bytes(32)),
    Subject.MERCHANT: 1,
    Subject.RETIRED_ADDRESS: ADDRESS,
    Subject.LANE: 2,
    Subject.DATE: NO_CALENDAR_HAS_IT,
    Subject.SIGNER: ADDRESS,
    Subject.USAGE: SignerDay(ADDRESS, 19_000),
    Subject.PERIOD: None,
    Subject.JOURNAL: None,
    Subject.TRIAL_BALANCE: Purse(LotKind.COIN, ""),
    Subject.BALANCE: AccountLot(BAKERY, LotKind.POINT, 0, ""),
    Subject.CASH: "1",
    Subject.FUND: "1",
    Subject.CHECKOUT: "01",
}
VALUES: tuple[tuple[Field, Value, str, str], ...] = (
    (Field.IS_OPEN, True, "はい", "yes"),
    (Field.DIGEST, None, "なし", "missing"),
    (Field.INCIDENT, Rejection.NONCE_USED, SENTENCES[Rejection.NONCE_USED][0], "nonce_used"),
    (Field.COIN_EXPIRY, 1_680_274_800, "2023-03-31", "2023-03-31"),
    (Field.COIN_EXPIRY, NO_CALENDAR_HAS_IT, str(NO_CALENDAR_HAS_IT), str(NO_CALENDAR_HAS_IT)),
    (Field.DAY, 19_000, "2022-01-08", "2022-01-08"),
    (Field.AMOUNT, 1_251, "1251", "1251"),
    (Field.CHANNEL, "", "-", "-"),
    (Field.NONCES, Window(3, 5), "3 から 0x5", "from 3: 0x5"),
    (Field.ACCOUNT, BAKERY, "加盟店 000001", "merchant 000001"),
    (Field.LINES, (LINE,), "コイン 700 失効 > 加盟店 000001", "coin 700 expired income > merchant 000001"),
    (Field.LINES, (), "-", "-"),
    (Field.ENTRIES, (Entry("1", LotKind.POINT),), "1 ポイント", "1 point"),
    (Field.FISCAL_YEARS, (2022, 2023), "2022; 2023", "2022; 2023"),
    (
        Field.PAYMENT,
        CheckoutState(1, 100, None),
        "加盟店 000001 100 円 未払い",
        "merchant 000001 100 yen not paid",
    ),
    (Field.RECORD, Unreadable("words"), "読めない（words）", "unreadable (words)"),
)


@pytest.fixture(autouse=True)
def _japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")


@pytest.mark.parametrize(("named", "table"), TABLES, ids=lambda item: getattr(item, "__name__", ""))
def test_everything_that_can_be_named_has_its_words_in_both_languages(
    named: type[Enum], table: Mapping[Enum, words.Words]
) -> None:
    assert set(table) == set(named)
    assert all(ja and en for ja, en in table.values())


@pytest.mark.parametrize("field", Field)
def test_every_field_is_named_in_japanese(field: Field) -> None:
    assert not re.search("[a-z]{2,}", words.FIELDS[field][0])


@pytest.mark.parametrize("subject", Subject)
def test_every_subject_is_named_in_japanese_with_its_id(subject: Subject) -> None:
    place = words.place_of(Figure(subject, IDS[subject], Field.BALANCE, 1, 2), {})

    assert not re.search("[a-z]{2,}", re.sub("0x[0-9a-fA-F]+", "", place))
    assert IDS[subject] is None or re.search("[0-9]|コイン", place)


@pytest.mark.parametrize(("field", "value", "ja", "en"), VALUES)
def test_a_value_is_said_in_both_languages(
    field: Field, value: Value, ja: str, en: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = Figure(Subject.OPERATION, 12, field, value, value)

    said_ja = words.books_of(figure)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    said_en = words.other_of(figure)

    assert (said_ja, said_en) == (ja, en)


def test_what_the_chain_did_with_a_record_is_said_on_both_sides() -> None:
    figure = Figure(Subject.OPERATION, 12, Field.INCIDENT, None, None, Against.CHAIN)

    assert (words.books_of(figure), words.other_of(figure)) == ("記録なし", "実行済み")


def test_a_shop_is_named_by_its_number_and_name() -> None:
    figure = Figure(Subject.MERCHANT, 1, Field.BALANCE, 1, 2, Against.CHAIN)

    assert words.place_of(figure, {1: "道の駅"}) == "加盟店 000001 残高 / チェーン (道の駅)"


def test_an_open_item_says_why_it_is_open() -> None:
    item = OpenItem(Open.INCIDENT, Subject.OPERATION, 12, Rejection.SIGNATURE_INVALID)

    assert words.open_line(item).startswith("取引 12: チェーンが受け付けなかった - ")
