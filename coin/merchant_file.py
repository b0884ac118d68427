"""Reads merchants.csv: the shops that take part, and the bank accounts they are paid out to.

A file with any wrong cell is refused as a whole, before anything is written; every wrong cell is named by line and column.
Text is read in Unicode's composed form (NFC), so that a name typed on a Mac is the same name. The directory of banks is a
package with a date: an account that the books have as it stands is not looked up again, and a bank or branch that is not in
the directory is taken with a doubt if it is named and no other code has that name.
Knows no database. `address` is in the file if the shop has made its own key. No message repeats an account number or a
payee's name. Source: RFC 4180; docs/formats.md §5 for the code's fields; 株式会社ゆうちょ銀行「記号番号から店名・預金種目・
口座番号への変換」.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from coin.errors import CoinError, FileProblem, InvalidFile, InvalidInput, NotFound, file_unreadable
from coin.messages import parse_address
from coin.parsing import read_file
from coin.program import Program
from coin.qr.lettering import missing_letters, named
from coin.zengin import (
    codes_of_bank,
    codes_of_branch,
    directory_day,
    find_bank_name,
    find_branch,
    is_name_of_bank,
    is_name_of_branch,
    payee_name,
)

COLUMNS = (
    "number",
    "name_ja",
    "name_romaji",
    "city_romaji",
    "mcc",
    "bank_code",
    "bank_name",
    "branch_code",
    "branch_name",
    "account_type",
    "account_number",
    "holder_kana",
)
OPTIONAL_COLUMNS = ("address",)
LONGEST_BANK_NAME = 40

Accounts = Mapping[int, Mapping[str, str]]
"""The bank accounts in the books by merchant number: the columns of `MerchantRow.account`."""

_YUCHO = "9900"
_YUCHO_KINDS = {
    "8": ("普通", "貯蓄"),
    "9": ("当座",),
}  # the last digit of the branch says which accounts it has
_YUCHO_NUMBER = re.compile(r"[0-9]{8}", re.ASCII)
_YUCHO_SYMBOL = re.compile(r"([01])([0-9]{2})[0-9]0", re.ASCII)

_FORMS = {
    "mcc": (re.compile(r"[0-9]{4}", re.ASCII), "4桁の数字", "four digits"),
    "bank_code": (re.compile(r"[0-9]{4}", re.ASCII), "4桁の数字", "four digits"),
    "branch_code": (re.compile(r"[0-9]{3}", re.ASCII), "3桁の数字", "three digits"),
    "account_number": (re.compile(r"[0-9]{7}", re.ASCII), "7桁の数字", "seven digits"),
}
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_ASCII = re.compile(r"[ -~]*")


class AccountType(Enum):
    """The kind of a bank account; the value is its digit in a bank transfer."""

    普通 = 1
    当座 = 2
    貯蓄 = 4


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """One shop of the file; its repr does not show the holder of the bank account."""

    file_name: str
    line: int
    number: int
    name_ja: str
    name_romaji: str
    city_romaji: str
    mcc: str
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: AccountType
    account_number: str = field(repr=False)
    holder_kana: str = field(repr=False)
    address: str | None
    doubts: tuple[FileProblem, ...] = field(default=(), compare=False)

    @property
    def account(self) -> dict[str, str]:
        """The bank account as the books keep it."""
        return {
            "bank_code": self.bank_code,
            "bank_name": self.bank_name,
            "branch_code": self.branch_code,
            "branch_name": self.branch_name,
            "account_type": str(self.account_type.value),
            "account_number": self.account_number,
            "holder_kana": self.holder_kana,
        }


def read_merchants(
    source: Path | str, program: Program, registered: Accounts | None = None
) -> list[MerchantRow]:
    """Return every shop of a file (a path) or of its text, in the order of the file.

    An empty `city_romaji` is replaced by the municipality's, an empty bank name by the directory's. Empty rows are ignored.
    An account that is in `registered` as it stands keeps the names it has there.

    Raises:  NotFound (`file_not_found`), if there is no such file;
             InvalidFile, with every wrong cell by line and column.
    """
    file_name = source.name if isinstance(source, Path) else "merchants.csv"
    text = _read_text(source) if isinstance(source, Path) else source.removeprefix("\ufeff")
    problems = _Problems(file_name)
    rows = _read_rows(text, program, registered or {}, problems)
    problems.raise_if_any()
    return rows


class _Problems:
    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self.found: list[FileProblem] = []

    def add(self, line: int, column: str, code: str, ja: str, en: str) -> None:
        self.found.append(FileProblem(ja, en, file_name=self.file_name, line=line, field=column, code=code))

    def raise_if_any(self) -> None:
        if self.found:
            raise InvalidFile(self.file_name, self.found)


class _Row:
    """The cells of one line; a wrong cell is recorded as a problem and read as a harmless value."""

    def __init__(self, line: int, cells: dict[str, str], problems: _Problems) -> None:
        self.line = line
        self._cells = cells
        self._problems = problems
        self.doubts: list[FileProblem] = []

    @property
    def file_name(self) -> str:
        return self._problems.file_name

    def cell(self, column: str) -> str:
        return unicodedata.normalize("NFC", self._cells.get(column, "")).strip()

    def note(self, column: str, code: str, ja: str, en: str) -> None:
        self._problems.add(self.line, column, code, ja, en)

    def doubt(self, column: str, code: str, ja: str, en: str) -> None:
        self.doubts.append(
            FileProblem(ja, en, file_name=self.file_name, line=self.line, field=column, code=code)
        )

    def note_error(self, column: str, error: CoinError) -> None:
        self.note(column, error.code, error.ja, error.en)


def _read_text(path: Path) -> str:
    try:
        content = read_file(path)
        return content.decode("utf-8").removeprefix("\ufeff")
    except FileNotFoundError as error:
        raise NotFound(
            f"ファイル {path} がありません。",
            f"There is no file {path}.",
            field=path.name,
            code="file_not_found",
        ) from error
    except OSError:
        raise file_unreadable(path, field=path.name) from None
    except UnicodeDecodeError as error:
        problems = _Problems(path.name)
        problems.add(
            content.count(b"\n", 0, error.start) + 1,
            "",
            "not_utf8",
            "文字コードが UTF-8 ではありません。Excel では「CSV UTF-8」で保存してください。",
            "is not UTF-8; in Excel save it as CSV UTF-8.",
        )
        raise InvalidFile(path.name, problems.found) from error


def _read_rows(text: str, program: Program, registered: Accounts, problems: _Problems) -> list[MerchantRow]:
    records = _records(text, problems)
    _, header = next(records, (1, []))
    columns = [name.strip() for name in header]
    while columns and not columns[-1]:
        columns.pop()
    if not _check_header([name for name in columns if name], problems):
        return []
    rows = [
        _read_row(_Row(line, dict(zip(columns, cells, strict=False)), problems), program, registered)
        for line, cells in records
        if any(cell.strip() for cell in cells) and _has_all_cells(line, cells, columns, problems)
    ]
    _check_unique(rows, problems)
    if not rows and not problems.found:
        problems.add(1, "", "no_rows", "加盟店が1件もありません。", "contains no merchant.")
    return rows


def _records(text: str, problems: _Problems) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        problems.add(
            line,
            "",
            "csv_malformed",
            'CSV として読めません。引用符 (") が閉じているか確かめてください。',
            "is not CSV; check that quotes are closed.",
        )


def _check_header(columns: list[str], problems: _Problems) -> bool:
    for name in dict.fromkeys(columns):
        if name not in COLUMNS + OPTIONAL_COLUMNS:
            problems.add(1, name, "column_unknown", "この列はありません。", "there is no such column.")
        if columns.count(name) > 1:
            problems.add(1, name, "column_repeated", "この列が2回以上あります。", "occurs more than once.")
    for name in COLUMNS:
        if name not in columns:
            problems.add(1, name, "column_missing", "この列がありません。", "this column is missing.")
    return not problems.found


def _has_all_cells(line: int, cells: list[str], columns: list[str], problems: _Problems) -> bool:
    """Check the number of cells, and that a column without a name, which a spreadsheet adds, is empty."""
    surplus = cells[len(columns) :] + [cell for name, cell in zip(columns, cells, strict=False) if not name]
    if len(cells) >= len(columns) and not any(cell.strip() for cell in surplus):
        return True
    problems.add(
        line,
        "",
        "cell_count",
        f"列が {len(columns)} 個あるはずですが {len(cells)} 個あるか、名前のない列に何か書かれています。",
        f"has {len(cells)} cells, and the header {len(columns)}; or something stands in a column without a name.",
    )
    return False


def _read_row(row: _Row, program: Program, registered: Accounts) -> MerchantRow:
    number = _number(row)
    bank_code, branch_code = _digits(row, "bank_code"), _branch_code(row)
    draft = MerchantRow(
        file_name=row.file_name,
        line=row.line,
        number=number,
        name_ja=_name(row),
        name_romaji=_ascii(row, "name_romaji", longest=25),
        city_romaji=_city(row, program),
        mcc=_digits(row, "mcc"),
        bank_code=bank_code,
        bank_name=row.cell("bank_name"),
        branch_code=branch_code,
        branch_name=row.cell("branch_name"),
        account_type=_account_type(row),
        account_number=_account_number(row),
        holder_kana=_holder(row),
        address=_address(row),
    )
    kept = registered.get(number, {})
    if _is_kept(draft, kept):
        return replace(draft, bank_name=kept["bank_name"], branch_name=kept["branch_name"])
    bank_name, branch_name = _bank_name(row, bank_code), _branch_name(row, bank_code, branch_code)
    return replace(draft, bank_name=bank_name, branch_name=branch_name, doubts=tuple(row.doubts))


def _is_kept(row: MerchantRow, kept: Mapping[str, str]) -> bool:
    """Return whether the books have this account already; its names may be left out or spelt in another way."""
    names = ("bank_name", "branch_name")
    account = row.account
    return (
        all(kept.get(column) == account[column] for column in account if column not in names)
        and (not row.bank_name or is_name_of_bank(row.bank_name, kept["bank_name"]))
        and (not row.branch_name or is_name_of_branch(row.branch_name, kept["branch_name"]))
    )


def _number(row: _Row) -> int:
    text = row.cell("number")
    if _NUMBER.fullmatch(text) and int(text) > 0:
        return int(text)
    row.note(
        "number",
        "number_invalid",
        "1 から 999999 の整数を書いてください。",
        "must be an integer from 1 to 999999.",
    )
    return 0


def _name(row: _Row) -> str:
    name = _text(row, "name_ja", longest=25)
    missing = missing_letters(name) if _is_printable(name) else []
    if missing:
        letters = "、".join(named(letter) for letter in missing)
        row.note(
            "name_ja",
            "letter_missing",
            f"「{name}」の文字 {letters} は店の紙に印刷できません。別の字か、かなで書いてください。",
            f"the letters {letters} of {name} cannot be printed on the shop's sheet; write others, or kana.",
        )
    return name


def _text(row: _Row, column: str, *, longest: int) -> str:
    text = row.cell(column)
    if not text:
        row.note(column, "cell_empty", "空にはできません。", "must not be empty.")
    elif not _is_printable(text):
        row.note(column, "cell_control", "改行などの制御文字は使えません。", "has a control character.")
    elif len(text) > longest:
        row.note(
            column,
            "cell_too_long",
            f"{longest}文字以内で書いてください（いま {len(text)}文字）。",
            f"must have at most {longest} characters (has {len(text)}).",
        )
    return text


def _is_printable(text: str) -> bool:
    # The characters that a merchant's QR code can contain: no control characters, no invisible ones.
    return text.replace("\u3000", " ").isprintable()


def _ascii(row: _Row, column: str, *, longest: int) -> str:
    text = _text(row, column, longest=longest)
    if text and _is_printable(text) and not _ASCII.fullmatch(text):
        row.note(
            column, "cell_not_ascii", "半角の英数字と記号だけで書いてください。", "must be written in ASCII."
        )
    return text


def _city(row: _Row, program: Program) -> str:
    if row.cell("city_romaji"):
        return _ascii(row, "city_romaji", longest=15)
    return program.municipality.name_romaji


def _digits(row: _Row, column: str) -> str:
    text = row.cell(column)
    form, ja, en = _FORMS[column]
    if form.fullmatch(text):
        return text
    row.note(
        column,
        f"{column}_malformed",
        f"{ja}で書いてください（Excel で先頭の 0 が消えていませんか）。",
        f"must be {en}; Excel drops leading zeros.",
    )
    return ""


def _branch_code(row: _Row) -> str:
    symbol = _YUCHO_SYMBOL.fullmatch(row.cell("branch_code"))
    if symbol is None or row.cell("bank_code") != _YUCHO:
        return _digits(row, "branch_code")
    branch = symbol[2] + ("8" if symbol[1] == "1" else "9")
    row.note(
        "branch_code",
        "branch_code_malformed",
        f"これは通帳の記号です。店番は {branch} です（記号の2・3桁目と、1で始まる記号なら 8、0で始まるなら 9）。",
        f"this is the symbol of a passbook; its branch is {branch} (its second and third digit, and 8 after 1, 9 after 0).",
    )
    return ""


def _account_number(row: _Row) -> str:
    if row.cell("bank_code") != _YUCHO or not _YUCHO_NUMBER.fullmatch(row.cell("account_number")):
        return _digits(row, "account_number")
    row.note(
        "account_number",
        "account_number_malformed",
        "ゆうちょの口座番号は7桁です。通帳の番号が8桁なら、先頭ではなく最後の1桁（1）を取ってください。",
        "has seven digits at ゆうちょ; of the eight digits in a passbook leave out the last one (1), not the first.",
    )
    return ""


def _bank_name(row: _Row, bank_code: str) -> str:
    written = row.cell("bank_name")
    if not bank_code:
        return written
    try:
        directory_name = find_bank_name(bank_code)
    except NotFound as error:
        _not_in_directory(row, "bank", error, codes_of_bank(written))
        return written
    is_good = not written or is_name_of_bank(written, directory_name)
    _check_name(row, "bank_name", directory_name, is_good=is_good)
    return directory_name


def _branch_name(row: _Row, bank_code: str, branch_code: str) -> str:
    written = row.cell("branch_name")
    if not bank_code or not branch_code:
        return written
    try:
        directory_name = find_branch(bank_code, branch_code).branch_name
    except NotFound as error:
        if error.code == "branch_unknown":  # an unknown bank has been noted already
            _not_in_directory(row, "branch", error, codes_of_branch(bank_code, written))
        return written
    is_good = not written or is_name_of_branch(written, directory_name)
    _check_name(row, "branch_name", directory_name, is_good=is_good)
    return directory_name


def _not_in_directory(row: _Row, what: str, error: NotFound, codes: list[str]) -> None:
    """Refuse a code that is none, most likely a slip; take it with a doubt if the directory may be the older of the two."""
    name, day = row.cell(f"{what}_name"), directory_day()
    column = f"{what}_code"
    if codes:
        found = "、".join(codes)
        row.note(
            column,
            error.code,
            f"{error.ja}「{name}」のコードは {found} です。",
            f"{error.en} {name} has the code {found}.",
        )
    elif not name:
        row.note(
            column,
            error.code,
            f"{error.ja}（{day:%Y年%-m月%-d日}の一覧）コードを確かめ、それより新しいものなら名前も書いてください。",
            f"{error.en} (directory of {day}) Check the code; if it is newer, write the name too.",
        )
    else:
        _text(row, f"{what}_name", longest=LONGEST_BANK_NAME)
        row.doubt(
            column,
            error.code,
            f"「{name}」は {day:%Y年%-m月%-d日}の金融機関の一覧にありません。合併や廃止がないか、店に確かめてください。",
            f"{name} is not in the directory of {day}; ask the shop whether it was merged or closed.",
        )


def _check_name(row: _Row, column: str, directory_name: str, *, is_good: bool) -> None:
    if not is_good:
        row.note(
            column,
            f"{column}_differs",
            f"コードの名前は「{directory_name}」です。コードか名前を直してください（名前は空でもよい）。",
            f"the code belongs to {directory_name}; correct the code or the name, or leave the name empty.",
        )


def _account_type(row: _Row) -> AccountType:
    text = row.cell("account_type")
    if text not in AccountType.__members__:
        row.note(
            "account_type",
            "account_type_unknown",
            "普通・当座・貯蓄のどれかを書いてください。",
            "must be 普通, 当座 or 貯蓄.",
        )
        return AccountType.普通
    kinds = _YUCHO_KINDS.get(row.cell("branch_code")[-1:]) if row.cell("bank_code") == _YUCHO else None
    if kinds and text not in kinds:
        row.note(
            "account_type",
            "account_type_differs",
            f"ゆうちょのこの店番の口座は {'か'.join(kinds)} です（店番の最後が 8 なら普通か貯蓄、9 なら当座）。",
            f"this branch of ゆうちょ has {' or '.join(kinds)} only (its last digit is 8 for 普通 and 貯蓄, 9 for 当座).",
        )
    return AccountType[text]


def _holder(row: _Row) -> str:
    try:
        return payee_name(row.cell("holder_kana"))
    except InvalidInput as error:
        row.note_error("holder_kana", error)
        return ""


def _address(row: _Row) -> str | None:
    text = row.cell("address")
    if not text:
        return None
    try:
        address = parse_address(text)
    except InvalidInput:
        address = bytes(20)
    if any(address):
        return text.lower()
    row.note(
        "address",
        "address_malformed",
        "0x と40桁の16進数で、大文字と小文字をそのまま写してください。",
        "must be 0x and 40 hexadecimal digits with a good checksum (EIP-55).",
    )
    return None


def _check_unique(rows: list[MerchantRow], problems: _Problems) -> None:
    numbers: dict[int, int] = {}
    addresses: dict[str, int] = {}
    for row in rows:
        first = numbers.setdefault(row.number, row.line) if row.number else row.line
        if first != row.line:
            problems.add(
                row.line,
                "number",
                "number_repeated",
                f"{first}行目と同じ番号です。",
                f"is the same as on line {first}.",
            )
        first = addresses.setdefault(row.address, row.line) if row.address else row.line
        if first != row.line:
            problems.add(
                row.line,
                "address",
                "address_repeated",
                f"{first}行目と同じアドレスです。",
                f"is the same as on line {first}.",
            )
