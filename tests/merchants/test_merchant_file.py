"""merchants.csv is read whole or refused whole, every wrong cell named by line and column."""

import csv
import io
from pathlib import Path

import pytest

from coin.errors import InvalidFile, NotFound
from coin.merchant_file import COLUMNS, AccountType, MerchantRow, read_merchants
from coin.program import Program, load_program
from coin.qr.text import Static, build, parse

EXAMPLE = Path(__file__).parents[2] / "examples" / "bandai-2022"

GOOD = {
    "number": "12",
    "name_ja": "喫茶こまどり",
    "name_romaji": "CAFE KOMADORI",
    "city_romaji": "BANDAI",
    "mcc": "5814",
    "bank_code": "0126",
    "bank_name": "東邦",
    "branch_code": "404",
    "branch_name": "猪苗代",
    "account_type": "普通",
    "account_number": "0012345",
    "holder_kana": "ﾜﾀﾅﾍﾞ ｻﾁｺ",
}
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

WRONG_CELLS = [
    ("number", "0", "number_invalid"),
    ("number", "1000000", "number_invalid"),
    ("number", "1.0", "number_invalid"),
    ("number", "１２", "number_invalid"),
    ("number", "", "number_invalid"),
    ("name_ja", "", "cell_empty"),
    ("name_ja", "あ" * 26, "cell_too_long"),
    ("name_ja", "喫茶\nこまどり", "cell_control"),
    ("name_ja", "喫茶\u200bこまどり", "cell_control"),
    ("name_romaji", "", "cell_empty"),
    ("name_romaji", "KOMADORI 喫茶", "cell_not_ascii"),
    ("name_romaji", "A" * 26, "cell_too_long"),
    ("city_romaji", "B" * 16, "cell_too_long"),
    ("city_romaji", "磐梯", "cell_not_ascii"),
    ("mcc", "581", "mcc_malformed"),
    ("mcc", "", "mcc_malformed"),
    ("bank_code", "126", "bank_code_malformed"),
    ("bank_code", "0002", "bank_unknown"),
    ("bank_name", "福島", "bank_name_differs"),
    ("branch_code", "62", "branch_code_malformed"),
    ("branch_code", "999", "branch_unknown"),
    ("branch_name", "磐梯", "branch_name_differs"),
    ("account_type", "定期", "account_type_unknown"),
    ("account_type", "", "account_type_unknown"),
    ("account_number", "12345", "account_number_malformed"),
    ("account_number", "00123456", "account_number_malformed"),
    ("holder_kana", "", "kana_empty"),
    ("holder_kana", "渡辺幸子", "kana_character"),
    ("holder_kana", "わたなべ", "kana_character"),
    ("holder_kana", "ﾜﾀﾅﾍﾞ/ｻﾁｺ", "kana_character"),
    ("holder_kana", "ｱ" * 31, "kana_too_long"),
    ("holder_kana", "ガ" * 16, "kana_too_long"),
    ("holder_kana", "ﾞｶ", "kana_mark"),
    ("holder_kana", "ｱﾞ", "kana_mark"),
    ("holder_kana", "カﾟ", "kana_mark"),
    ("holder_kana", "ｶ ﾞ", "kana_mark"),
    ("address", "0x1234", "address_malformed"),
    ("address", "0x" + "0" * 40, "address_malformed"),
    ("address", CHECKSUMMED.replace("5aA", "5Aa"), "address_malformed"),
]


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program(EXAMPLE / "program.toml")


def csv_text(*rows: dict[str, str], columns: tuple[str, ...] | None = None) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or tuple(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def problems_of(text: str, program: Program) -> list[tuple[int, str | None, str]]:
    with pytest.raises(InvalidFile) as refused:
        read_merchants(text, program)
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


def only_row(text: str, program: Program) -> MerchantRow:
    (row,) = read_merchants(text, program)
    return row


def test_the_example_holds_forty_shops_at_real_branches(program: Program) -> None:
    rows = read_merchants(EXAMPLE / "merchants.csv", program)

    assert [row.number for row in rows] == list(range(1, 41))
    assert {"0126", "0513", "0514", "1181", "4160", "9900"} == {row.bank_code for row in rows}
    assert len({row.mcc for row in rows}) > 15
    assert all(row.holder_kana.encode("cp932") and len(row.holder_kana.encode("cp932")) <= 30 for row in rows)


def test_every_shop_of_the_example_gets_a_code_that_reads_back(program: Program) -> None:
    for row in read_merchants(EXAMPLE / "merchants.csv", program):
        code = Static(
            municipality=program.municipality.code,
            merchant_number=row.number,
            sticker_version=1,
            name=row.name_romaji,
            city=row.city_romaji,
            name_ja=row.name_ja,
            category=row.mcc,
        )

        assert parse(build(code)) == code


@pytest.mark.parametrize(("column", "cell", "code"), WRONG_CELLS)
def test_a_wrong_cell_is_named_by_line_and_column(
    column: str, cell: str, code: str, program: Program
) -> None:
    good = {**GOOD, "address": ""}

    found = problems_of(csv_text(good, {**good, "number": "13", column: cell}), program)

    assert found == [(3, column, code)]


def test_every_wrong_cell_of_a_file_is_reported_at_once(program: Program) -> None:
    first = {**GOOD, "mcc": "x", "account_type": "?"}
    second = {**GOOD, "number": "13", "branch_code": "999", "holder_kana": ""}

    found = problems_of(csv_text(first, second), program)

    assert sorted(found) == [
        (2, "account_type", "account_type_unknown"),
        (2, "mcc", "mcc_malformed"),
        (3, "branch_code", "branch_unknown"),
        (3, "holder_kana", "kana_empty"),
    ]


def test_a_number_or_address_that_stands_twice_is_refused(program: Program) -> None:
    row = {**GOOD, "address": CHECKSUMMED}

    found = problems_of(csv_text(row, {**row, "address": CHECKSUMMED.lower()}), program)

    assert found == [(3, "number", "number_repeated"), (3, "address", "address_repeated")]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_refused_by_name(column: str, program: Program) -> None:
    row = {name: cell for name, cell in GOOD.items() if name != column}

    assert problems_of(csv_text(row), program) == [(1, column, "column_missing")]


def test_an_unknown_column_is_refused_by_name(program: Program) -> None:
    assert problems_of(csv_text({**GOOD, "phone": ""}), program) == [(1, "phone", "column_unknown")]


def test_a_repeated_column_is_refused_by_name(program: Program) -> None:
    text = csv_text(GOOD).replace("holder_kana", "holder_kana,mcc", 1)

    assert problems_of(text, program) == [(1, "mcc", "column_repeated")]


def test_a_line_with_another_number_of_cells_is_refused(program: Program) -> None:
    assert problems_of(csv_text(GOOD) + "13,a\n", program) == [(3, "", "cell_count")]


def test_an_open_quote_is_refused_with_its_line(program: Program) -> None:
    assert (3, "", "csv_malformed") in problems_of(csv_text(GOOD) + '"13,a\n', program)


def test_a_file_without_shops_is_refused(program: Program) -> None:
    assert problems_of(csv_text(GOOD).splitlines()[0], program) == [(1, "", "no_rows")]


def test_an_empty_file_misses_every_column(program: Program) -> None:
    assert [code for _, _, code in problems_of("", program)] == ["column_missing"] * len(COLUMNS)


def test_a_cell_of_several_lines_does_not_shift_the_lines_after_it(program: Program) -> None:
    first, second = {**GOOD, "name_ja": "喫茶\nこまどり"}, {**GOOD, "number": "0"}

    found = problems_of(csv_text(first, second), program)

    assert found == [(2, "name_ja", "cell_control"), (4, "number", "number_invalid")]


def test_a_file_that_is_not_utf8_is_refused_with_the_line_of_the_first_wrong_byte(
    tmp_path: Path, program: Program
) -> None:
    path = tmp_path / "merchants.csv"
    path.write_bytes(csv_text(GOOD).encode("cp932"))

    with pytest.raises(InvalidFile) as refused:
        read_merchants(path, program)

    assert [(p.line, p.code) for p in refused.value.problems] == [(2, "not_utf8")]


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, program: Program) -> None:
    with pytest.raises(NotFound) as refused:
        read_merchants(tmp_path / "none.csv", program)

    assert refused.value.code == "file_not_found"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path, program: Program) -> None:
    plain = csv_text(GOOD)
    path = tmp_path / "merchants.csv"
    path.write_bytes(b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode())

    assert read_merchants(path, program) == read_merchants(plain, program)


def test_rows_without_any_cell_are_left_out(program: Program) -> None:
    text = csv_text(GOOD) + "," * (len(COLUMNS) - 1) + "\n\n"

    assert only_row(text, program).number == 12


def test_empty_names_and_city_are_filled_from_the_directory_and_the_rules(program: Program) -> None:
    row = only_row(csv_text({**GOOD, "bank_name": "", "branch_name": "", "city_romaji": ""}), program)

    assert (row.bank_name, row.branch_name, row.city_romaji) == ("東邦", "猪苗代", "BANDAI")


@pytest.mark.parametrize(
    ("code", "branch", "name"), [("0126", "404", "東邦銀行"), ("1181", "009", "会津信用金庫")]
)
def test_a_full_name_of_a_bank_is_taken_as_its_short_one(
    code: str, branch: str, name: str, program: Program
) -> None:
    row = only_row(
        csv_text(
            {**GOOD, "bank_code": code, "branch_code": branch, "bank_name": name, "branch_name": "猪苗代支店"}
        ),
        program,
    )

    assert row.branch_name == "猪苗代"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ワタナベ　サチコ", "ﾜﾀﾅﾍﾞ ｻﾁｺ"),
        ("カ゛ストハ゜フ゛", "ｶﾞｽﾄﾊﾟﾌﾞ"),
        ("カ）コーヒーショップ", "ｶ)ｺ-ﾋ-ｼﾖﾂﾌﾟ"),
        ("ｼｮｳﾃﾝ ｦ", "ｼﾖｳﾃﾝ ｵ"),
        ("ヴァイオリン abc.", "ｳﾞｱｲｵﾘﾝ ABC."),
    ],
)
def test_a_payee_is_written_as_a_bank_transfer_carries_it(written: str, read: str, program: Program) -> None:
    row = only_row(csv_text({**GOOD, "holder_kana": written}), program)

    assert row.holder_kana == read


@pytest.mark.parametrize(("word", "digit"), [("普通", 1), ("当座", 2), ("貯蓄", 4)])
def test_a_kind_of_account_has_the_digit_of_a_bank_transfer(word: str, digit: int, program: Program) -> None:
    assert only_row(csv_text({**GOOD, "account_type": word}), program).account_type is AccountType(digit)


def test_an_address_is_optional_and_read_in_lower_case(program: Program) -> None:
    assert only_row(csv_text(GOOD), program).address is None
    assert only_row(csv_text({**GOOD, "address": CHECKSUMMED}), program).address == CHECKSUMMED.lower()


def test_no_message_and_no_repr_tells_an_account_number_or_its_holder(program: Program) -> None:
    row = only_row(csv_text(GOOD), program)
    with pytest.raises(InvalidFile) as refused:
        read_merchants(csv_text({**GOOD, "account_number": "98765432", "holder_kana": "ﾜﾀﾅﾍﾞ/ｻﾁｺ"}), program)

    assert "0012345" not in repr(row)
    assert "ﾜﾀﾅﾍﾞ" not in repr(row)
    assert "98765432" not in str(refused.value)
    assert "ﾜﾀﾅﾍﾞ" not in str(refused.value)
