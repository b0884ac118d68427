"""program.toml is read whole or refused whole, every wrong key named by its line and a stable code."""

import re
import unicodedata
from pathlib import Path

import pytest

from coin.clock import jst_midnight_s, parse_jst_date
from coin.errors import InvalidFile, NotFound, Rejected, Rejection
from coin.program import LotKind, Program, SendPolicy, load_program, parse_program
from coin.program.agree import local_government_code_is_good

EXAMPLE = Path(__file__).parents[2] / "examples" / "bandai-2022" / "program.toml"

# Small enough that each line matters, and complete.
GOOD = """\
[municipality]
code = "074071"
name_ja = "磐梯町"
name_en = "Bandai Town"
name_romaji = "BANDAI"
is_demo = true
[issuer]
name_ja = "磐梯町"
name_en = "Bandai Town"
kind = "town"
[operator]
name_ja = "事務局"
name_en = "Office"
kind = "association"
[period]
fiscal_year = 2022
starts_at = 2022-07-22T00:00:00+09:00
ends_at = 2023-04-01T00:00:00+09:00
cap_yen = 100_000_000
[[expiry]]
kind = "coin"
issued_before = 2023-04-01T00:00:00+09:00
ends_at = 2023-04-01T00:00:00+09:00
[[expiry]]
kind = "point"
issued_before = 2023-04-01T00:00:00+09:00
ends_at = 2023-04-01T00:00:00+09:00
[[funds]]
id = "bonus"
name_ja = "特典"
name_en = "Bonus"
budget_yen = 9_000_000
exhaustion = "partial"
[[funds]]
id = "deeds"
name_ja = "活動"
name_en = "Deeds"
budget_yen = 0
exhaustion = "none"
[premium]
rate_bps = 1000
fund = "bonus"
[charge]
unit_yen = 1_000
min_yen = 1_000
max_yen_per_charge = 50_000
max_yen_per_person_day = 50_000
max_yen_per_person_year = 300_000
[[channels]]
id = "counter"
name_ja = "役場"
name_en = "Town hall"
kind = "counter"
daily_allowance_yen = 1_000_000
[[channels]]
id = "atm"
name_ja = "ATM"
name_en = "ATM"
kind = "atm"
daily_allowance_yen = 1_000_000
[limits]
balance_yen = 100_000
payment_yen = 100_000
[send]
policy = "person_to_person"
max_yen_per_transfer = 30_000
max_yen_per_month = 100_000
[[excluded_goods]]
name_ja = "商品券"
name_en = "Gift certificates"
[payout]
closing_days = [10, 25]
paid_after_banking_days = 5
fee_yen = 0
fee_rate_bps = 0
invoice_number = ""
[checkout]
lifetime_s = 300
[help_desk]
phone = "0242-00-0000"
hours_ja = "平日"
hours_en = "Weekdays"
"""

# key path, what its line says instead, code; the path names which line is changed.
WRONG_VALUES = [
    ("municipality.code", '"74071"', "municipality_code_malformed"),
    ("municipality.code", '"０７４０７１"', "municipality_code_malformed"),
    ("municipality.code", '"074072"', "municipality_code_check_digit"),
    ("municipality.code", '"490008"', "municipality_code_check_digit"),
    ("municipality.code", "74071", "type_wrong"),
    ("municipality.name_ja", '""', "text_empty"),
    ("municipality.name_ja", '" 磐梯町"', "text_spaces"),
    ("municipality.name_ja", '"磐\\n梯"', "text_control"),
    ("municipality.name_ja", '"磐\\u200b梯"', "text_control"),
    ("municipality.name_en", '"磐梯町"', "text_not_ascii"),
    ("municipality.name_romaji", '"BANDAI MACHI TOWN"', "text_too_long"),
    ("municipality.is_demo", '"true"', "type_wrong"),
    ("municipality.is_demo", "1", "type_wrong"),
    ("issuer.kind", '"company"', "choice_unknown"),
    ("operator.name_ja", "1", "type_wrong"),
    ("period.fiscal_year", "1999", "number_out_of_range"),
    ("period.starts_at", "2022-07-22", "type_wrong"),
    ("period.starts_at", "2022-07-22T00:00:00", "moment_not_midnight"),
    ("period.starts_at", "2022-07-21T15:00:00Z", "moment_not_midnight"),
    ("period.starts_at", "2022-07-22T09:00:00+09:00", "moment_not_midnight"),
    ("period.starts_at", "2022-03-31T00:00:00+09:00", "period_outside_fiscal_year"),
    ("period.ends_at", "2023-04-02T00:00:00+09:00", "period_end_wrong"),
    ("period.ends_at", "2022-07-22T00:00:00+09:00", "period_end_wrong"),
    ("period.cap_yen", "0", "number_out_of_range"),
    ("period.cap_yen", "-1", "number_out_of_range"),
    ("period.cap_yen", "100_000_000.0", "type_wrong"),
    ("period.cap_yen", '"100000000"', "type_wrong"),
    ("period.cap_yen", "true", "type_wrong"),
    ("period.cap_yen", "1_000_000_000_000", "number_out_of_range"),
    ("expiry[0].kind", '"coupon"', "choice_unknown"),
    ("expiry[0].ends_at", '"rolling"', "expiry_rolling_unsupported"),
    ("expiry[0].ends_at", "2023-03-31T23:59:59+09:00", "moment_not_midnight"),
    ("expiry[1].ends_at", "2023-03-31T00:00:00+09:00", "expiry_before_issue"),
    ("funds[0].id", '"Bonus"', "id_malformed"),
    ("funds[0].id", '"' + "b" * 33 + '"', "id_malformed"),
    ("funds[1].id", '"bonus"', "id_repeated"),
    ("funds[0].budget_yen", "-1", "number_out_of_range"),
    ("funds[1].exhaustion", '"stop"', "choice_unknown"),
    ("premium.rate_bps", "10_001", "number_out_of_range"),
    ("premium.rate_bps", "10.0", "type_wrong"),
    ("premium.fund", '"gift"', "fund_unknown"),
    ("charge.unit_yen", "0", "number_out_of_range"),
    ("charge.min_yen", "1_500", "charge_not_in_units"),
    ("charge.max_yen_per_charge", "50_500", "charge_not_in_units"),
    ("charge.max_yen_per_person_day", "49_000", "charge_limits_order"),
    ("charge.max_yen_per_person_year", "49_000", "charge_limits_order"),
    ("channels[0].kind", '"online"', "choice_unknown"),
    ("channels[1].id", '"counter"', "id_repeated"),
    ("channels[0].daily_allowance_yen", "1e6", "type_wrong"),
    ("limits.balance_yen", "16_777_216", "number_out_of_range"),
    ("limits.balance_yen", "1_099", "balance_limit_below_charge"),
    ("limits.payment_yen", "16_777_216", "number_out_of_range"),
    ("limits.payment_yen", "0", "number_out_of_range"),
    ("send.policy", '"anyone"', "choice_unknown"),
    ("send.max_yen_per_transfer", "0", "send_cap_against_policy"),
    ("send.max_yen_per_month", "29_999", "send_caps_order"),
    ("excluded_goods[0].name_en", '"商品券"', "text_not_ascii"),
    ("payout.closing_days", "[]", "closing_days_wrong"),
    ("payout.closing_days", "[25, 10]", "closing_days_wrong"),
    ("payout.closing_days", "[10, 10]", "closing_days_wrong"),
    ("payout.closing_days", "[30]", "closing_days_wrong"),
    ("payout.closing_days", '["10"]', "type_wrong"),
    ("payout.paid_after_banking_days", "0", "number_out_of_range"),
    ("payout.fee_rate_bps", "-1", "number_out_of_range"),
    ("payout.invoice_number", '"1234567890123"', "invoice_number_malformed"),
    ("checkout.lifetime_s", "0", "number_out_of_range"),
    ("checkout.lifetime_s", "43_201", "number_out_of_range"),
    ("help_desk.phone", '"110"', "phone_malformed"),
    ("help_desk.phone", '"0242-00-000a"', "phone_malformed"),
    ("help_desk.phone", '"0242-00-000"', "phone_malformed"),
    ("help_desk.phone", '"0242-00-0000-"', "phone_malformed"),
    ("help_desk.hours_en", '"平日"', "text_not_ascii"),
]


def lines_by_field() -> dict[str, int]:
    """Field to line of GOOD, worked out by hand rules: one key a line, tables counted in order."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(GOOD.splitlines(), start=1):
        if line.startswith("[["):
            name = line.strip("[]")
            table = f"{name}[{counts.get(name, 0)}]"
            counts[name] = counts.get(name, 0) + 1
        elif line.startswith("["):
            table = line.strip("[]")
        else:
            found[f"{table}.{line.split(' = ')[0]}"] = number
    return found


LINES = lines_by_field()


def with_line(number: int, line: str | None) -> str:
    lines = GOOD.splitlines()
    lines[number - 1 : number] = [] if line is None else [line]
    return "\n".join(lines)


def problems_of(text: str) -> list[tuple[int, str | None, str]]:
    with pytest.raises(InvalidFile) as refused:
        parse_program(text.encode())
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


def replaced(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def jst_s(text: str) -> int:
    return jst_midnight_s(parse_jst_date(text))


def test_the_example_says_what_is_known_of_the_first_year() -> None:
    program = load_program(EXAMPLE)

    assert program.municipality.code == "074071"
    assert program.municipality.is_demo
    assert program.period.starts_s == jst_s("2022-07-22")
    assert program.period.cap_yen == 100_000_000
    assert program.premium.rate_bps == 1000
    assert program.send.policy is SendPolicy.PERSON_TO_PERSON
    assert [date.ends_s for date in program.dates()] == [jst_s("2023-04-01")]
    assert program.source == EXAMPLE.read_bytes()


@pytest.mark.parametrize(("field", "value", "code"), WRONG_VALUES)
def test_a_wrong_value_is_named_by_its_line_key_and_code(field: str, value: str, code: str) -> None:
    text = with_line(LINES[field], f"{field.rsplit('.', 1)[1]} = {value}")

    assert problems_of(text) == [(LINES[field], field, code)]


@pytest.mark.parametrize("field", LINES)
def test_a_missing_key_is_named_with_the_line_of_its_table(field: str) -> None:
    text = with_line(LINES[field], None)
    header = max(n for n, line in enumerate(GOOD.splitlines(), 1) if line[0] == "[" and n < LINES[field])

    assert (header, field, "key_missing") in problems_of(text)


@pytest.mark.parametrize("field", LINES)
def test_an_unknown_key_beside_each_key_is_refused(field: str) -> None:
    line = GOOD.splitlines()[LINES[field] - 1]
    text = with_line(LINES[field], f"{line}\nunheard_of = 1")
    table = field.rsplit(".", 1)[0]

    assert problems_of(text) == [(LINES[field] + 1, f"{table}.unheard_of", "key_unknown")]


@pytest.mark.parametrize(
    "table",
    [
        "municipality",
        "issuer",
        "operator",
        "period",
        "premium",
        "charge",
        "limits",
        "send",
        "payout",
        "checkout",
        "help_desk",
    ],
)
def test_a_missing_table_is_one_problem(table: str) -> None:
    kept = [part for part in GOOD.split("\n[") if not part.removeprefix("[").startswith(f"{table}]")]
    text = "\n[".join(kept) if kept[0].startswith("[") else "[" + "\n[".join(kept)

    assert problems_of(text) == [(1, table, "key_missing")]


@pytest.mark.parametrize("table", ["expiry", "funds", "channels"])
def test_a_missing_list_of_tables_is_one_problem(table: str) -> None:
    text = "\n[".join(part for part in GOOD.split("\n[") if not part.startswith(f"[{table}]"))

    assert problems_of(text) == [(1, table, "key_missing")]


def test_a_table_in_place_of_a_list_of_tables_is_refused() -> None:
    text = replaced(
        '[[excluded_goods]]\nname_ja = "商品券"\nname_en = "Gift certificates"',
        '[excluded_goods]\nname_ja = "商品券"',
    )

    assert [code for _, _, code in problems_of(text)] == ["type_wrong"]


def test_excluded_goods_may_be_left_out() -> None:
    text = replaced('[[excluded_goods]]\nname_ja = "商品券"\nname_en = "Gift certificates"\n', "")

    assert parse_program(text.encode()).excluded_goods == ()


def test_an_unknown_table_is_refused() -> None:
    assert problems_of(GOOD + "[lottery]\n") == [(len(GOOD.splitlines()) + 1, "lottery", "key_unknown")]


def test_every_wrong_key_of_a_file_is_reported_at_once_in_order_of_lines() -> None:
    text = replaced('"074071"', '"074072"').replace("lifetime_s = 300", "lifetime_s = 0\nlife = 1")
    text = text.replace("rate_bps = 1000", 'rate_bps = "10%"')

    found = problems_of(text)

    assert [code for _, _, code in found] == [
        "municipality_code_check_digit",
        "type_wrong",
        "number_out_of_range",
        "key_unknown",
    ]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_a_message_names_file_line_key_and_bounds_in_japanese_and_english() -> None:
    text = with_line(LINES["checkout.lifetime_s"], "lifetime_s = 0")
    with pytest.raises(InvalidFile) as refused:
        parse_program(text.encode())

    line = LINES["checkout.lifetime_s"]
    for told in (refused.value.ja, refused.value.en):
        assert re.search(rf"program\.toml\D+{line}\D.*checkout\.lifetime_s.*\b1\b.*\b43,200\b", told)


@pytest.mark.parametrize(
    ("text", "line"),
    [("[municipality\n", 1), ("a = 1\na = 2\n", 2), ('[a]\nb = "x\n', 2), ("a = 1\nb = [1,\n", 3)],
)
def test_a_text_that_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    assert problems_of(text) == [(line, "", "toml_syntax")]


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("a = 1\na = 2\n", 2, 6, "2回"),
        ('[a]\nb = "x\n', 2, 7, "引用符"),
        ("a = 1\nb = [1,\n", 3, 1, "かっこ"),
        ("[a\nb = 1\n", 1, 3, "かっこ"),
        ("a = １\n", 1, 5, "半角"),
        ("a ＝ 1\n", 1, 3, "名前 = 値"),
        ("a = 1 2\n", 1, 7, "余分"),
        ("a = 2026-02-30\n", 1, 5, "日時"),
        ('a = "\\q"\n', 1, 8, "\\"),
        ("a = town\n", 1, 5, '""'),
        ("# \x01\n", 1, 3, "制御"),
    ],
)
def test_what_is_no_toml_is_said_in_our_words_with_its_place(
    text: str, line: int, column: int, word: str
) -> None:
    with pytest.raises(InvalidFile) as refused:
        parse_program(text.encode())

    (problem,) = refused.value.problems
    ja, en = problem.reason
    assert (problem.line, problem.code) == (line, "toml_syntax")
    assert ja.startswith(f"{column}文字目: ")
    assert en.startswith(f"column {column}: ")
    assert word in ja
    assert re.findall("[A-Za-z]{3,}", ja) == []


def test_a_year_is_written_without_separators() -> None:
    with pytest.raises(InvalidFile) as refused:
        parse_program(replaced("fiscal_year = 2022", "fiscal_year = 1999").encode())

    for told in (refused.value.ja, refused.value.en):
        assert re.findall("[0-9,]{4,}", told) == ["2000", "2199", "1999"]


def test_a_file_that_is_not_utf8_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidFile) as refused:
        parse_program(GOOD.encode("cp932"))

    assert [(p.line, p.code) for p in refused.value.problems] == [(3, "not_utf8")]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    same = parse_program(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert same == parse_program(GOOD.encode())


def test_a_name_typed_on_a_mac_is_the_same_name() -> None:
    text = replaced('name_ja = "活動"', 'name_ja = "がんばり"')

    decomposed = parse_program(unicodedata.normalize("NFD", text).encode())

    assert decomposed == parse_program(text.encode())


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        load_program(tmp_path / "program.toml")

    assert refused.value.code == "file_not_found"


def test_lines_are_right_after_comments_strings_and_arrays_over_several_lines() -> None:
    text = replaced("closing_days = [10, 25]", "closing_days = [ # [a]\n  10,\n  25,\n]").replace(
        'name_ja = "事務局"', 'name_ja = """\nfake = 1 # \\"""\n"""'
    )
    text = text.replace("lifetime_s = 300", "lifetime_s = 0")

    found = problems_of(text)

    number = text.splitlines().index("lifetime_s = 0") + 1
    assert (number, "checkout.lifetime_s", "number_out_of_range") in found
    assert (text.splitlines().index('name_ja = """') + 1, "operator.name_ja") in [f[:2] for f in found]


def test_sends_that_are_not_offered_have_caps_of_zero() -> None:
    closed = replaced('policy = "person_to_person"', 'policy = "none"')

    assert {code for _, _, code in problems_of(closed)} == {"send_cap_against_policy"}
    zeros = closed.replace("max_yen_per_transfer = 30_000", "max_yen_per_transfer = 0")
    zeros = zeros.replace("max_yen_per_month = 100_000", "max_yen_per_month = 0")
    assert parse_program(zeros.encode()).send.policy is SendPolicy.NONE


@pytest.mark.parametrize("fee", ["fee_yen", "fee_rate_bps"])
def test_a_fee_needs_a_number_for_invoices(fee: str) -> None:
    text = replaced(f"{fee} = 0", f"{fee} = 100")

    assert problems_of(text) == [
        (LINES["payout.invoice_number"], "payout.invoice_number", "invoice_number_missing")
    ]
    numbered = text.replace('invoice_number = ""', 'invoice_number = "T1234567890123"')
    assert parse_program(numbered.encode()).payout.invoice_number == "T1234567890123"


def expiry_text(*rules: tuple[str, str, str]) -> str:
    head, _, tail = GOOD.partition("[[expiry]]")
    tail = tail[tail.index("[[funds]]") :]
    blocks = [
        f'[[expiry]]\nkind = "{kind}"\nissued_before = {before}T00:00:00+09:00\nends_at = {end}T00:00:00+09:00\n'
        for kind, before, end in rules
    ]
    return head + "".join(blocks) + tail


FOUR_DATES = (
    ("coin", "2022-10-01", "2023-06-01"),
    ("coin", "2023-01-01", "2023-07-01"),
    ("coin", "2023-04-01", "2023-08-01"),
    ("point", "2023-04-01", "2023-09-01"),
)


def test_four_live_dates_are_accepted_and_a_fifth_is_refused() -> None:
    four = parse_program(expiry_text(*FOUR_DATES).encode())
    five = expiry_text(*FOUR_DATES[:3], ("point", "2022-10-01", "2023-05-01"), FOUR_DATES[3])

    assert len(four.dates()) == 4
    assert [code for _, _, code in problems_of(five)] == ["expiry_too_many_dates"]


def test_a_date_gives_its_lane_back_ten_days_after_its_end() -> None:
    def rules(first_end: str) -> str:
        return expiry_text(
            ("coin", "2022-09-01", first_end),
            ("coin", "2022-11-01", "2023-06-01"),
            ("coin", "2022-12-01", "2023-07-01"),
            ("coin", "2023-04-01", "2023-08-01"),
            ("point", "2023-04-01", "2023-09-01"),
        )

    assert len(parse_program(rules("2022-11-21").encode()).expiry) == 5
    assert [code for _, _, code in problems_of(rules("2022-11-22"))] == ["expiry_too_many_dates"]


def test_rules_out_of_order_are_refused() -> None:
    text = expiry_text(FOUR_DATES[1], FOUR_DATES[0], *FOUR_DATES[2:])

    assert "expiry_order" in {code for _, _, code in problems_of(text)}


@pytest.mark.parametrize("missing", ["coin", "point"])
def test_a_kind_without_a_rule_until_the_end_of_the_period_is_refused(missing: str) -> None:
    short = [(k, "2023-03-01" if k == missing else b, e) for k, b, e in FOUR_DATES[2:]]

    assert [code for _, _, code in problems_of(expiry_text(*short))] == ["expiry_does_not_cover_period"]


def test_value_gets_the_end_of_the_first_rule_that_is_still_open_when_it_is_issued() -> None:
    program = parse_program(expiry_text(*FOUR_DATES).encode())
    turn_ms = jst_s("2022-10-01") * 1000

    assert program.expiry_s(LotKind.COIN, turn_ms - 1) == jst_s("2023-06-01")
    assert program.expiry_s(LotKind.COIN, turn_ms) == jst_s("2023-07-01")
    assert program.expiry_s(LotKind.POINT, turn_ms) == jst_s("2023-09-01")


@pytest.mark.parametrize("moment", ["starts_s", "ends_s"])
def test_value_issued_outside_the_period_has_no_date_though_a_rule_reaches_further(moment: str) -> None:
    text = expiry_text(*[(kind, "2023-04-01", "2023-06-01") for kind in ("coin", "point")])
    program = parse_program(text.replace("ends_at = 2023-04-01", "ends_at = 2023-03-01", 1).encode())
    outside_ms = getattr(program.period, moment) * 1000 - (moment == "starts_s")

    with pytest.raises(Rejected) as refused:
        program.expiry_s(LotKind.COIN, outside_ms)

    assert refused.value.reason is Rejection.DATE_NOT_IN_CALENDAR
    assert program.period.contains(outside_ms) is False


def test_funds_and_channels_are_found_by_id_and_keep_their_order() -> None:
    program: Program = parse_program(GOOD.encode())

    assert program.fund_order() == ("bonus", "deeds")
    assert program.fund("deeds").order == 1
    assert program.channel("atm").name_en == "ATM"
    with pytest.raises(NotFound):
        program.fund("gift")
    with pytest.raises(NotFound):
        program.channel("gift")


@pytest.mark.parametrize("code", ["011002", "131016", "074071", "072028", "473821"])
def test_real_codes_of_municipalities_have_a_good_check_digit(code: str) -> None:
    assert local_government_code_is_good(code)


@pytest.mark.parametrize("place", range(6))
def test_a_digit_off_by_one_makes_a_code_wrong(place: int) -> None:
    digits = list("074071")
    digits[place] = str((int(digits[place]) + 1) % 10)

    assert not local_government_code_is_good("".join(digits))


MANUAL = (Path(__file__).parents[2] / "docs" / "program.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted({code for _, _, code in WRONG_VALUES}))
def test_the_manual_names_every_code_a_clerk_can_meet(code: str) -> None:
    assert f"`{code}`" in MANUAL


@pytest.mark.parametrize("field", sorted({field.rsplit(".", 1)[1] for field in LINES}))
def test_the_manual_explains_every_key_in_both_languages(field: str) -> None:
    assert MANUAL.count(f"`{field}`") >= 2
