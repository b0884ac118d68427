"""Japanese banks, their branches, and the characters allowed in a bank transfer.

Decides what is a valid bank, branch and payee's name. Knows no shop and no file.
Source:  全銀協「総合振込」レコード・フォーマット (JIS X 0201); codes from the PyPI package `zengin-code`.
"""

import unicodedata
from dataclasses import dataclass

import zengin_code  # type: ignore[import-untyped]

from coin.errors import InvalidInput, NotFound

LONGEST_PAYEE = 30
"""受取人名 of a data record has 30 bytes."""

_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SPELT = str.maketrans({"ヲ": "オ", "ー": "-", "−": "-", "‐": "-"})
_MARKS_ALONE = str.maketrans({"゛": "\u3099", "゜": "\u309a"})  # NFKC would insert a space before them
_MARKED = {"ﾞ": frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ"), "ﾟ": frozenset("ﾊﾋﾌﾍﾎ")}
_MARKS = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
_FULL = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_KANA = dict(zip(_FULL, _HALF, strict=True))
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ().-")


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a bank, with the names of the directory (which omit 銀行 and 支店)."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str


def find_bank_name(bank_code: str) -> str:
    """Return the name of a bank in the directory.

    Raises:  NotFound (`bank_unknown`).
    """
    bank = zengin_code.Bank.all.get(bank_code)
    if bank is None:
        raise NotFound(
            "この金融機関コードはありません。",
            "There is no such bank.",
            field="bank_code",
            code="bank_unknown",
        )
    return str(bank.name)


def find_branch(bank_code: str, branch_code: str) -> Branch:
    """Return the branch with these two codes.

    Raises:  NotFound (`bank_unknown` or `branch_unknown`).
    """
    bank_name = find_bank_name(bank_code)
    branch = zengin_code.Bank.all[bank_code].branches.get(branch_code)
    if branch is None:
        raise NotFound(
            f"{bank_name}にこの支店コードはありません。",
            "The bank has no such branch.",
            field="branch_code",
            code="branch_unknown",
        )
    return Branch(bank_code, bank_name, branch_code, str(branch.name))


def is_name_of_bank(written: str, directory_name: str) -> bool:
    """Return whether a written name is the one in the directory, with or without 銀行 (東邦, 東邦銀行)."""
    full = directory_name
    for short, long in (("信金", "信用金庫"), ("信組", "信用組合"), ("農協", "農業協同組合")):
        full = full.replace(short, long)
    return written in {directory_name, f"{directory_name}銀行", full}


def is_name_of_branch(written: str, directory_name: str) -> bool:
    """Return whether a written name is the one in the directory, with or without 支店."""
    return written in {directory_name, f"{directory_name}支店"}


def payee_name(text: str) -> str:
    """Return a payee's name in the half-width characters of bank transfers.

    Full width becomes half width, small kana large, ー a hyphen, ヲ becomes ｵ as banks register it, letters become capitals. A
    name is never cut, because a cut between a kana and its mark would change it.

    Raises:  InvalidInput (`kana_empty`, `kana_character`, `kana_mark` or `kana_too_long`); the error names a character, not
             the name.
    """
    name = "".join(_half_width(character) for character in _decomposed(text.strip()))
    _check_marks(name)
    if not name:
        raise _bad_name("kana_empty", "口座名義（カナ）が空です。", "The payee's name is empty.")
    if len(name) > LONGEST_PAYEE:
        raise _bad_name(
            "kana_too_long",
            f"口座名義（カナ）は半角{LONGEST_PAYEE}文字以内です（濁点も1文字、いま {len(name)}文字）。",
            f"The payee's name has {len(name)} characters; {LONGEST_PAYEE} are allowed, marks counted.",
        )
    return name


def _check_marks(name: str) -> None:
    for before, mark in zip(" " + name, name, strict=False):
        if mark in _MARKED and before not in _MARKED[mark]:
            raise _bad_name(
                "kana_mark",
                "口座名義（カナ）の濁点・半濁点（゛ ゜）が、付けられない文字の後にあります。",
                "The payee's name has a voicing mark after a letter that takes none.",
            )


def _decomposed(text: str) -> str:
    composed = (
        unicodedata.normalize("NFKC", text.translate(_MARKS_ALONE))
        .upper()
        .translate(_SMALL)
        .translate(_SPELT)
    )
    return unicodedata.normalize("NFD", composed)


def _half_width(character: str) -> str:
    if character in _PLAIN:
        return character
    half = _KANA.get(character) or _MARKS.get(character)
    if half is None:
        raise _bad_name(
            "kana_character",
            f"口座名義（カナ）に使えない文字「{character}」があります（カタカナ・英数字・空白・( ) - . だけ）。",
            f"The payee's name has the character {character!r}; kana, letters, digits, space and ( ) - . are allowed.",
        )
    return half


def _bad_name(code: str, ja: str, en: str) -> InvalidInput:
    return InvalidInput(ja, en, field="holder_kana", code=code)
