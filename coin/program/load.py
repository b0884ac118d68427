"""Reads program.toml into a `Program`, or refuses it with all mistakes at once.

It checks first each value by itself, section by section, then the rules between values (coin.program.agree).
"""

import re
import tomllib
from pathlib import Path

from coin.errors import FileProblem, InvalidFile, NotFound, file_unreadable
from coin.formats import MAX_LANE_YEN
from coin.parsing import parse_toml, read_file
from coin.program.agree import check_agreement
from coin.program.lines import KeyLines
from coin.program.rules import (
    MAX_YEN,
    Channel,
    ChannelKind,
    Charge,
    CheckoutRules,
    ExcludedGoods,
    Exhaustion,
    ExpiryRule,
    Fund,
    HelpDesk,
    Limits,
    LotKind,
    Municipality,
    Party,
    PartyKind,
    Payout,
    Period,
    Premium,
    Program,
    Send,
    SendPolicy,
)
from coin.program.syntax import syntax_problem
from coin.program.table import Problems, Table

ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
CODE = re.compile(r"[0-9]{6}", re.ASCII)
PHONE = re.compile(r"0(?=(?:-?[0-9]){9,10}\Z)[0-9]*(?:-[0-9]+)*", re.ASCII)
INVOICE_NUMBER = re.compile(r"(?:T[0-9]{13})?", re.ASCII)

LONGEST_NAME = 60
LONGEST_CITY_ROMAJI = 15
FULL_RATE_BPS = 10_000
MAX_CHECKOUT_LIFETIME_S = 43_200


def load_program(path: Path) -> Program:
    """Read the rules of a town from its file.

    Raises:  NotFound (`file_not_found`), if there is no such file;
             InvalidFile, with every wrong key by name and line, if anything in it is wrong.
    """
    try:
        source = read_file(path)
    except FileNotFoundError as error:
        raise NotFound(
            f"ファイル {path} がありません。",
            f"There is no file {path}.",
            field=path.name,
            code="file_not_found",
        ) from error
    except OSError:
        raise file_unreadable(path, field=path.name) from None
    return parse_program(source, file_name=path.name)


def parse_program(source: bytes, *, file_name: str = "program.toml") -> Program:
    """Read the rules of a town from the bytes of a file.

    Raises:  InvalidFile, with every wrong key by name and line, if anything in it is wrong.
    """
    text = _decode(source, file_name)
    values = _parse_toml(text, file_name)
    problems = Problems(file_name, KeyLines(text))
    root = Table(values, (), problems)
    program = _read_program(root, source)
    root.finish()
    check_agreement(program, problems)
    problems.raise_if_any()
    return program


def _decode(source: bytes, file_name: str) -> str:
    try:
        return source.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problem = FileProblem(
            "文字コードが UTF-8 ではありません。UTF-8 で保存し直してください。",
            "is not UTF-8; save it as UTF-8.",
            file_name=file_name,
            line=source.count(b"\n", 0, error.start) + 1,
            field="",
            code="not_utf8",
        )
        raise InvalidFile(file_name, [problem]) from error


def _parse_toml(text: str, file_name: str) -> dict[str, object]:
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(file_name, [syntax_problem(error, text, file_name)]) from None
    except ValueError:
        raise InvalidFile(file_name, [_beyond_reading(text, file_name)]) from None


def _beyond_reading(text: str, file_name: str) -> FileProblem:
    """Return the problem of a file that is TOML and cannot be read: in its line with most brackets or digits."""
    marks = [sum(sign in "[{0123456789" for sign in line) for line in text.split("\n")]
    return FileProblem(
        "かっこの入れ子が深すぎるか、数のけたが多すぎます。",
        "has brackets that are nested too deeply, or a number with too many digits.",
        file_name=file_name,
        line=marks.index(max(marks)) + 1,
        field="",
        code="toml_beyond_limits",
    )


def _read_program(root: Table, source: bytes) -> Program:
    return Program(
        municipality=root.table("municipality", _municipality),
        issuer=root.table("issuer", _party),
        operator=root.table("operator", _party),
        period=root.table("period", _period),
        expiry=root.tables("expiry", _expiry_rule, fewest=1),
        funds=root.tables("funds", _fund, fewest=1),
        premium=root.table("premium", _premium),
        charge=root.table("charge", _charge),
        channels=root.tables("channels", _channel, fewest=1),
        limits=root.table("limits", _limits),
        send=root.table("send", _send),
        excluded_goods=root.tables("excluded_goods", _excluded_goods, fewest=0),
        payout=root.table("payout", _payout),
        checkout=root.table("checkout", _checkout),
        help_desk=root.table("help_desk", _help_desk),
        source=source,
    )


def _municipality(table: Table) -> Municipality:
    code = table.matching(
        "code",
        CODE,
        "municipality_code_malformed",
        "全国地方公共団体コードを6桁の数字で書いてください。",
        "must be a local government code of six digits.",
    )
    return Municipality(
        code=code,
        name_ja=table.text("name_ja", longest=LONGEST_NAME),
        name_en=table.text("name_en", longest=LONGEST_NAME, ascii_only=True),
        name_romaji=table.text("name_romaji", longest=LONGEST_CITY_ROMAJI, ascii_only=True),
        is_demo=table.flag("is_demo"),
    )


def _party(table: Table) -> Party:
    return Party(*_names(table), kind=table.choice("kind", PartyKind))


def _period(table: Table) -> Period:
    return Period(
        fiscal_year=table.integer("fiscal_year", 2000, 2199, is_year=True),
        starts_s=table.midnight_s("starts_at"),
        ends_s=table.midnight_s("ends_at"),
        cap_yen=table.integer("cap_yen", 1, MAX_YEN),
    )


def _expiry_rule(table: Table, _index: int) -> ExpiryRule:
    return ExpiryRule(
        kind=table.choice("kind", LotKind),
        issued_before_s=table.midnight_s("issued_before"),
        ends_s=table.midnight_s("ends_at"),
    )


def _fund(table: Table, index: int) -> Fund:
    return Fund(
        _id(table, "id"),
        *_names(table),
        # 0 is allowed: points of the fund can still be spent, but it gives no new ones.
        budget_yen=table.integer("budget_yen", 0, MAX_YEN),
        exhaustion=table.choice("exhaustion", Exhaustion),
        order=index,
    )


def _premium(table: Table) -> Premium:
    return Premium(rate_bps=table.integer("rate_bps", 0, FULL_RATE_BPS), fund=_id(table, "fund"))


def _charge(table: Table) -> Charge:
    return Charge(
        unit_yen=table.integer("unit_yen", 1, MAX_LANE_YEN),
        min_yen=table.integer("min_yen", 1, MAX_LANE_YEN),
        max_yen_per_charge=table.integer("max_yen_per_charge", 1, MAX_LANE_YEN),
        max_yen_per_person_day=table.integer("max_yen_per_person_day", 1, MAX_YEN),
        max_yen_per_person_year=table.integer("max_yen_per_person_year", 1, MAX_YEN),
    )


def _channel(table: Table, _index: int) -> Channel:
    return Channel(
        _id(table, "id"),
        *_names(table),
        kind=table.choice("kind", ChannelKind),
        # 0 is allowed: the channel is out of use but stays in the books.
        daily_allowance_yen=table.integer("daily_allowance_yen", 0, MAX_YEN),
    )


def _limits(table: Table) -> Limits:
    return Limits(
        balance_yen=table.integer("balance_yen", 1, MAX_LANE_YEN),
        payment_yen=table.integer("payment_yen", 1, MAX_LANE_YEN),
    )


def _send(table: Table) -> Send:
    return Send(
        policy=table.choice("policy", SendPolicy),
        max_yen_per_transfer=table.integer("max_yen_per_transfer", 0, MAX_LANE_YEN),
        max_yen_per_month=table.integer("max_yen_per_month", 0, MAX_YEN),
    )


def _excluded_goods(table: Table, _index: int) -> ExcludedGoods:
    return ExcludedGoods(*_names(table))


def _payout(table: Table) -> Payout:
    return Payout(
        closing_days=table.integers("closing_days"),
        paid_after_banking_days=table.integer("paid_after_banking_days", 1, 20),
        fee_yen=table.integer("fee_yen", 0, MAX_LANE_YEN),
        fee_rate_bps=table.integer("fee_rate_bps", 0, FULL_RATE_BPS),
        invoice_number=table.matching(
            "invoice_number",
            INVOICE_NUMBER,
            "invoice_number_malformed",
            '適格請求書の登録番号を T と13桁の数字で書くか、空（""）にしてください。',
            "must be T and 13 digits, or empty.",
        ),
    )


def _checkout(table: Table) -> CheckoutRules:
    return CheckoutRules(lifetime_s=table.integer("lifetime_s", 1, MAX_CHECKOUT_LIFETIME_S))


def _help_desk(table: Table) -> HelpDesk:
    return HelpDesk(
        phone=table.matching(
            "phone",
            PHONE,
            "phone_malformed",
            "0 で始まる10桁か11桁の電話番号を書いてください（区切りは -）。",
            "must be a telephone number of 10 or 11 digits that begins with 0, separated by hyphens.",
        ),
        hours_ja=table.text("hours_ja", longest=LONGEST_NAME),
        hours_en=table.text("hours_en", longest=LONGEST_NAME, ascii_only=True),
    )


def _names(table: Table) -> tuple[str, str]:
    return (
        table.text("name_ja", longest=LONGEST_NAME),
        table.text("name_en", longest=LONGEST_NAME, ascii_only=True),
    )


def _id(table: Table, key: str) -> str:
    return table.matching(
        key,
        ID,
        "id_malformed",
        "半角の小文字・数字・ハイフンだけで32文字以内にしてください。",
        "must be lower-case letters, digits and hyphens, at most 32.",
    )
