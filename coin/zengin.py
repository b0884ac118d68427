"""Japanese banks, their branches, and the characters allowed in a bank transfer.

Decides what is a valid bank, branch and payee's name. Knows no shop and no file.
Source:  全銀協「総合振込」レコード・フォーマット (JIS X 0201); codes from the PyPI package `zengin-code`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version

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

# Spellings of one name, after NFKC: the letters that stand for each other, and long forms with the directory's short ones.
_SAME_LETTERS = str.maketrans("ヶがガヵッ之の國﨑髙澤ｰ－-", "ケケケカツノノ国崎高沢ーーー")
_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_COMPANY = re.compile(r"株式会社|\(株\)")
_KINDS_OF_BANKS = (
    ("信用農業協同組合連合会", "信連"),
    ("信用漁業協同組合連合会", "信漁連"),
    ("漁業協同組合", "漁協"),
    ("農業協同組合", "農協"),
    ("農林中央金庫", "農林中金"),
    ("商工組合中央金庫", "商工中金"),
    ("労働金庫", "労金"),
    ("ろうきん", "労金"),
    ("信用金庫", "信金"),
    ("信用組合", "信組"),
    ("信託銀行", "信託"),
)
_KINDS_OF_COOPERATIVES = ("農協", "漁協", "信連", "信漁連")
_ENDS_OF_BRANCHES = ("支店", "支所", "店")


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a bank, with the names of the directory (which omit 銀行 and 支店)."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str


def directory_day() -> date:
    """Return the day of the directory: what opened, closed or merged after it is not in it."""
    return datetime.strptime(version("zengin-code").rpartition(".")[2], "%Y%m%d").date()  # noqa: DTZ007


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


def codes_of_bank(written: str) -> list[str]:
    """Return the codes of all banks with that name, however it is spelt."""
    return [code for code, bank in zengin_code.Bank.all.items() if is_name_of_bank(written, str(bank.name))]


def codes_of_branch(bank_code: str, written: str) -> list[str]:
    """Return the codes of all branches of a bank with that name, however it is spelt."""
    branches = zengin_code.Bank.all[bank_code].branches.items()
    return [code for code, branch in branches if is_name_of_branch(written, str(branch.name))]


def is_name_of_bank(written: str, directory_name: str) -> bool:
    """Return whether a written name means the bank of the directory: width, 株式会社, 銀行 and the short forms of 信用金庫,
    JA and the like make no difference."""
    return _bank_key(written) == _bank_key(directory_name) != ""


def is_name_of_branch(written: str, directory_name: str) -> bool:
    """Return whether a written name means the branch of the directory: width, ヶ and ケ, digits, and 支店, 支所 or 店 at the
    end make no difference."""
    return _branch_key(written) == _branch_key(directory_name) != ""


def _bank_key(name: str) -> str:
    key = _COMPANY.sub("", _name_key(name))
    for long, short in _KINDS_OF_BANKS:
        key = key.replace(long, short)
    is_cooperative = key.startswith(("ja", "jf"))
    key = key.removeprefix("ja").removeprefix("jf").removeprefix("バンク") if is_cooperative else key
    if is_cooperative and not key.endswith(_KINDS_OF_COOPERATIVES):
        key += "漁協" if "jf" in _name_key(name) else "農協"
    return key.removesuffix("銀行")


def _branch_key(name: str) -> str:
    key = _name_key(name).translate(_DIGITS)
    ends = [end for end in _ENDS_OF_BRANCHES if key.endswith(end) and key != "本店"]
    return key.removesuffix(ends[0]) if ends else key


def _name_key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split()).translate(_SAME_LETTERS)


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
