"""Secrets as text: a passphrase is what a person reads, however a keyboard or an editor wrote it.

Decides the one form of a secret's text: NFKC, without a byte-order mark and without the end of the line. Earlier releases used
the text as it came (the wallet: its NFKC); `forms` gives these too, to try after it. A file that group or others can read is
refused.
Source:  Unicode NFKC (UAX #15).
"""

import os
import stat
import unicodedata
from pathlib import Path

from coin.errors import InvalidInput

_MARK = "\ufeff"


def secret_form(text: str) -> str:
    """Return the one form of a secret's text."""
    return _nfkc(text.removeprefix(_MARK).rstrip("\r\n"))


def forms(text: str) -> tuple[str, ...]:
    """Return the forms to try, in order: the one form, then those of earlier releases; each once."""
    return tuple(dict.fromkeys((secret_form(text), text, _nfkc(text))))


def read_secret_file(path: str | Path, field: str) -> str:
    """Return the text of a secret's file, without the end of the line and otherwise as it stands (`forms` does the rest).

    Raises:  InvalidInput (`secret_file_unreadable`, `secret_file_open`) naming the file.
    """
    place = Path(path)
    try:
        with open(place, "rb") as file:
            _demand_private(os.fstat(file.fileno()), place, field)
            return file.read().decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"{field} のファイル {place} を読めません。",
            f"The file {place} that {field} names cannot be read.",
            field=field,
            code="secret_file_unreadable",
        ) from None


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _demand_private(status: os.stat_result, path: Path, field: str) -> None:
    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
        raise InvalidInput(
            f"{path} をほかの人も読めます。chmod 600 {path} を打ってから、もう一度実行してください。",
            f"Others can read {path}: type chmod 600 {path}, then run this again.",
            field=field,
            code="secret_file_open",
        )
