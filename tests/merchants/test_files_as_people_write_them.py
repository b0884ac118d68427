"""Files as clerks write them: another spelling is the same bank, and a slip is named with its cure."""

import csv
import unicodedata
from pathlib import Path

import pytest

from coin.errors import InvalidFile
from coin.merchant_file import AccountType, MerchantRow, read_merchants
from coin.program import Program, load_program
from coin.zengin import directory_day, is_name_of_bank, is_name_of_branch

FILES = Path(__file__).parent / "files"


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program(Path(__file__).parents[2] / "examples" / "bandai-2022" / "program.toml")


def only_row(name: str, program: Program) -> MerchantRow:
    (row,) = read_merchants(FILES / name, program)
    return row


def refusals(source: Path | str, program: Program) -> list[tuple[int, str | None, str, str]]:
    with pytest.raises(InvalidFile) as refused:
        read_merchants(source, program)
    return [(problem.line, problem.field, problem.code, problem.ja) for problem in refused.value.problems]


def with_cells(program_file: str, **cells: str) -> str:
    """The text of a file with other cells in its one line."""
    with (FILES / program_file).open(encoding="utf-8", newline="") as file:
        header, first = list(csv.reader(file))[:2]
    row = dict(zip(header, first, strict=True)) | cells
    return ",".join(header) + "\n" + ",".join(row.values()) + "\n"


@pytest.mark.parametrize(
    ("name", "bank", "branch"),
    [
        ("merchants-branch-name-ga.csv", "きらぼし", "阿佐ケ谷"),
        ("merchants-branch_name_bank_UFJ.csv", "三菱ＵＦＪ", "本店"),
        ("merchants-ja.csv", "会津よつば農協", None),
        ("merchants-bank_kabu.csv", "東邦", "猪苗代"),
        ("merchants-yucho_branch_ten.csv", "ゆうちょ", "八二八"),
        ("merchants-bank-merged-2025.csv", "岩沼市農協", "本店"),
    ],
)
def test_a_bank_by_another_spelling_is_that_bank(
    name: str, bank: str, branch: str | None, program: Program
) -> None:
    row = only_row(name, program)

    assert row.bank_name == bank
    assert branch in (None, row.branch_name)
    assert row.doubts == ()


@pytest.mark.parametrize(
    ("written", "directory_name"),
    [
        ("株式会社東邦銀行", "東邦"),
        ("(株) 東邦銀行", "東邦"),
        ("三菱ＵＦＪ銀行", "三菱ＵＦＪ"),
        ("会津よつば農業協同組合", "会津よつば農協"),
        ("ＪＡバンク 会津よつば", "会津よつば農協"),
        ("東北労働金庫", "東北労金"),
        ("東北ろうきん", "東北労金"),
        ("会津信用金庫", "会津信金"),
        ("福島県商工信用組合", "福島県商工信組"),
        ("北国銀行", "北國"),
        ("JPモルガン銀行", "ＪＰモルガン"),
    ],
)
def test_a_banks_spellings(written: str, directory_name: str) -> None:
    assert is_name_of_bank(written, directory_name)
    assert is_name_of_bank(unicodedata.normalize("NFD", written), directory_name)


@pytest.mark.parametrize(
    ("written", "directory_name"),
    [
        ("八二八", "八二八"),
        ("828", "八二八"),
        ("８２８店", "八二八"),
        ("つつじヶ丘支店", "つつじケ丘"),
        ("つつじが丘", "つつじケ丘"),
        ("猪苗代支所", "猪苗代"),
        ("一ノ宮支店", "一之宮"),
        ("東店", "東"),
        ("本店", "本店"),
    ],
)
def test_a_branchs_spellings(written: str, directory_name: str) -> None:
    assert is_name_of_branch(written, directory_name)


@pytest.mark.parametrize(
    ("written", "directory_name"), [("福島", "東邦"), ("銀行", "東邦"), ("", "東邦"), ("福島農協", "福島")]
)
def test_another_bank_is_another_bank(written: str, directory_name: str) -> None:
    assert not is_name_of_bank(written, directory_name)
    assert not is_name_of_branch("店", directory_name)


def test_columns_without_a_name_are_none(program: Program) -> None:
    assert only_row("merchants-trailing_empty_columns.csv", program).branch_name == "猪苗代"


def test_something_in_a_column_without_a_name_is_refused(program: Program) -> None:
    text = (FILES / "merchants-trailing_empty_columns.csv").read_text("utf-8").replace("ﾀﾛｳ,,", "ﾀﾛｳ,x,")

    assert [(line, code) for line, _, code, _ in refusals(text, program)] == [(2, "cell_count")]


def test_a_name_from_a_mac_is_the_same_name(program: Program) -> None:
    decomposed = only_row("shop-name-nfd.csv", program)

    assert "\u3099" in (FILES / "shop-name-nfd.csv").read_text("utf-8")
    assert decomposed.name_ja == only_row("shop-name-nfc.csv", program).name_ja


def test_a_letter_that_no_sheet_can_show_is_named_with_its_shop(program: Program) -> None:
    found = refusals(FILES / "shop-names-without-glyphs.csv", program)

    letters = [(line, field, ja) for line, field, code, ja in found if code == "letter_missing"]
    assert [(line, field) for line, field, _ in letters] == [(2, "name_ja"), (3, "name_ja"), (4, "name_ja")]
    for (_, _, sentence), named in zip(
        letters, (("饺", "馆"), ("안", "동", "식", "당"), ("🍣",)), strict=True
    ):
        assert [letter for letter in named if f"「{letter}」" not in sentence] == []
    assert "「鮨」" not in letters[2][2]


def test_a_selector_of_a_letters_form_is_named_by_its_number(program: Program) -> None:
    text = with_cells("shop-name-nfc.csv", name_ja="葛\U000e0100飾屋")

    ((_, _, code, sentence),) = refusals(text, program)

    assert code == "letter_missing"
    assert "U+E0100" in sentence


@pytest.mark.parametrize(
    ("branch", "kind", "is_good"),
    [
        ("828", "普通", True),
        ("828", "貯蓄", True),
        ("828", "当座", False),
        ("029", "当座", True),
        ("029", "普通", False),
        ("029", "貯蓄", False),
    ],
)
def test_a_branch_of_the_post_bank_has_its_kinds_of_accounts(
    branch: str, kind: str, is_good: bool, program: Program
) -> None:
    text = with_cells("merchants-yucho_futsu_mismatch.csv", branch_code=branch, account_type=kind)

    if is_good:
        assert read_merchants(text, program)[0].account_type is AccountType[kind]
    else:
        assert [found[1:3] for found in refusals(text, program)] == [("account_type", "account_type_differs")]


def test_the_wrong_kind_at_the_post_bank_is_refused(program: Program) -> None:
    found = refusals(FILES / "merchants-yucho_futsu_mismatch.csv", program)

    assert [item[:3] for item in found] == [(2, "account_type", "account_type_differs")]


def test_a_passbooks_number_loses_its_last_digit(program: Program) -> None:
    ((line, field, code, sentence),) = refusals(FILES / "merchants-yucho_kigo.csv", program)

    assert (line, field, code) == (2, "account_number", "account_number_malformed")
    assert "最後の1桁" in sentence
    assert "12345671" not in sentence


@pytest.mark.parametrize(("symbol", "branch"), [("18280", "828"), ("00290", "029")])
def test_a_passbooks_symbol_is_answered_with_its_branch(symbol: str, branch: str, program: Program) -> None:
    text = with_cells("merchants-yucho_branch_ten.csv", branch_code=symbol, branch_name="")

    ((_, field, code, sentence),) = refusals(text, program)

    assert (field, code) == ("branch_code", "branch_code_malformed")
    assert branch in sentence


def test_a_bank_that_the_directory_lacks_is_taken_with_a_doubt_if_it_is_named(program: Program) -> None:
    text = with_cells(
        "merchants-bank_kabu.csv", bank_code="0999", bank_name="あたらしい銀行", branch_name="本店"
    )

    (row,) = read_merchants(text, program)

    assert (row.bank_code, row.bank_name, row.branch_name) == ("0999", "あたらしい銀行", "本店")
    ((doubt),) = row.doubts
    assert (doubt.line, doubt.field, doubt.code) == (2, "bank_code", "bank_unknown")
    assert str(directory_day()) in doubt.en


def test_a_branch_that_the_directory_lacks_is_taken_with_a_doubt_if_it_is_named(program: Program) -> None:
    text = with_cells("merchants-bank_kabu.csv", branch_code="999", branch_name="あたらしい支店")

    (row,) = read_merchants(text, program)

    assert row.branch_name == "あたらしい支店"
    assert [(doubt.field, doubt.code) for doubt in row.doubts] == [("branch_code", "branch_unknown")]


@pytest.mark.parametrize(
    ("cells", "field", "cure"),
    [
        ({"bank_code": "0999", "bank_name": ""}, "bank_code", "名前"),
        ({"bank_code": "0999", "bank_name": "東邦銀行"}, "bank_code", "0126"),
        ({"branch_code": "999"}, "branch_code", "名前"),
        ({"branch_code": "999", "branch_name": "猪苗代支店"}, "branch_code", "404"),
    ],
)
def test_a_code_that_is_none_is_refused_with_the_cure(
    cells: dict[str, str], field: str, cure: str, program: Program
) -> None:
    ((_, found, _, sentence),) = refusals(with_cells("merchants-bank_kabu.csv", **cells), program)

    assert found == field
    assert cure in sentence


GONE = {"bank_code": "0999", "bank_name": "", "branch_code": "404", "branch_name": ""}


def test_a_registered_account_at_a_bank_that_is_gone_stops_nobody(program: Program) -> None:
    text = with_cells("merchants-bank_kabu.csv", **GONE)
    kept = read_merchants(
        with_cells("merchants-bank_kabu.csv", **GONE | {"bank_name": "昔の銀行", "branch_name": "昔の支店"}),
        program,
    )[0].account

    (row,) = read_merchants(text, program, {1: kept})

    assert row.account == kept
    assert row.doubts == ()


def test_a_changed_account_at_a_bank_that_is_gone_is_looked_up(program: Program) -> None:
    text = with_cells("merchants-bank_kabu.csv", **GONE)
    kept = read_merchants(with_cells("merchants-bank_kabu.csv", **GONE | {"bank_name": "昔の銀行"}), program)[
        0
    ].account

    with pytest.raises(InvalidFile):
        read_merchants(text, program, {1: kept | {"account_number": "7654321"}})
