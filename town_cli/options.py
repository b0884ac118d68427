"""What several commands ask for: the town's folder, the form of the answer, who is acting and their passphrase."""

import os
from pathlib import Path
from typing import Annotated

import typer

from coin.errors import InvalidInput
from town_cli.deploying import STAFF
from town_cli.home import Home
from town_cli.signing import StaffPair

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_HOME", show_envvar=True, help="町のフォルダー / the town's folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON で答える / answer in JSON")]
DEFAULT_HOME = Path("var/town")


def ask_passphrase(*, is_new: bool = False) -> str:
    """The passphrase of the office's keys: from the file that BANDAI_PASSPHRASE_FILE names, else typed.

    Raises:  InvalidInput (`passphrase`), if it is empty or the file cannot be read.
    """
    name = os.environ.get("BANDAI_PASSPHRASE_FILE")
    if name:
        text = _read_passphrase(Path(name))
    else:
        text = str(
            typer.prompt("パスフレーズ / passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
        )
    if not text:
        raise InvalidInput("パスフレーズが空です。", "The passphrase is empty.", field="passphrase")
    return text


def _read_passphrase(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"BANDAI_PASSPHRASE_FILE のファイル {path} を読めません。",
            f"The file {path} that BANDAI_PASSPHRASE_FILE names cannot be read.",
            field="passphrase",
            code="passphrase_file_unreadable",
        ) from None


def staff_of(home: Home, passphrase: str) -> StaffPair:
    """The two staff whose keys this office keeps."""
    return StaffPair(*(home.key(name, passphrase) for name in STAFF))


def actor() -> str:
    """Who acts, as the audit log names them."""
    return f"bandai-town {os.environ.get('USER', 'staff')}"
