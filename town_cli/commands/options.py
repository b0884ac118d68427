"""What several commands ask for: the town's folder, the form of the answer, who is acting and their passphrase."""

import os
from pathlib import Path
from typing import Annotated

import typer

from coin.console.asking import ask_secret
from coin.errors import InvalidInput, Unauthorized
from coin.signatory import Signatory, StaffPair
from town_cli.server.deployment import STAFF
from town_cli.server.folder import Home

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_HOME", show_envvar=True, help="町のフォルダー / the town's folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON で答える / answer in JSON")]
DEFAULT_HOME = Path("var/town")
# As many as a resident's password; what each guess costs is the keystore's matter.
PASSPHRASE_MIN_CHARACTERS = 8
PASSPHRASE, SECOND_PASSPHRASE, NEW_PASSPHRASE = (
    f"BANDAI_{which}PASSPHRASE_FILE" for which in ("", "SECOND_", "NEW_")
)


def ask_passphrase(*, is_new: bool = False, of: str = "", variable: str = PASSPHRASE) -> str:
    """The passphrase of the office's keys, or of one key alone: from the file that the variable names, else typed.

    Raises:  InvalidInput (`passphrase`), if it is empty, new and short, or the file cannot be read; as `ask_secret`.
    """
    name = os.environ.get(variable)
    if name:
        text = _read_passphrase(Path(name), variable)
    else:
        words = ("新しいパスフレーズ", "new passphrase") if is_new and of else ("パスフレーズ", "passphrase")
        asked = " / ".join(words) + (f" ({of})" if of else "")
        text = ask_secret(asked, file_variable=variable, twice=is_new)
    if not text:
        raise InvalidInput("パスフレーズが空です。", "The passphrase is empty.", field="passphrase")
    if is_new and len(text) < PASSPHRASE_MIN_CHARACTERS:
        raise InvalidInput(
            f"新しいパスフレーズは {PASSPHRASE_MIN_CHARACTERS} 文字以上にしてください。",
            f"A new passphrase needs at least {PASSPHRASE_MIN_CHARACTERS} characters.",
            field="passphrase",
            code="passphrase_short",
        )
    return text


def _read_passphrase(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"{variable} のファイル {path} を読めません。",
            f"The file {path} that {variable} names cannot be read.",
            field="passphrase",
            code="passphrase_file_unreadable",
        ) from None


def staff_of(home: Home, passphrase: str) -> StaffPair:
    """The two staff whose keys this office keeps; the second is asked too, if their key has a passphrase of its own."""
    first, second = STAFF
    return StaffPair(home.key(first, passphrase), _second(home, second, passphrase))


def _second(home: Home, name: str, passphrase: str) -> Signatory:
    try:
        return home.key(name, passphrase)
    except Unauthorized:
        return home.key(name, ask_passphrase(of=name, variable=SECOND_PASSPHRASE))


def actor() -> str:
    """Who acts, as the audit log names them."""
    return f"bandai-town {os.environ.get('USER', 'staff')}"
