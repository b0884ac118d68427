"""The person who acts: the passphrase of their keys, the two staff who sign together, and the name for the audit log.

Both staff sign in this one process, and the name is the login name on this machine; only this file knows that.
"""

import os

from coin.console.asking import ask_secret
from coin.errors import InvalidInput, Unauthorized
from coin.keyring import STAFF, Keyring
from coin.secret_text import read_secret_file, secret_form
from coin.signatory import Signatory, StaffPair

# The same minimum as for a resident's password; the keystore makes each guess slow.
PASSPHRASE_MIN_CHARACTERS = 8
PASSPHRASE, SECOND_PASSPHRASE, NEW_PASSPHRASE = (
    f"BANDAI_{which}PASSPHRASE_FILE" for which in ("", "SECOND_", "NEW_")
)


def ask_passphrase(*, is_new: bool = False, of: str = "", variable: str = PASSPHRASE) -> str:
    """Return the passphrase of the office's keys, or of one key: from the file that the environment variable names, else
    typed.

    Raises:  InvalidInput (`passphrase`), if it is empty or a new one is too short; as `read_secret_file` and `ask_secret`.
    """
    name = os.environ.get(variable)
    if name:
        text = read_secret_file(name, variable)
    else:
        words = ("新しいパスフレーズ", "new passphrase") if is_new and of else ("パスフレーズ", "passphrase")
        asked = " / ".join(words) + (f" ({of})" if of else "")
        text = ask_secret(asked, file_variable=variable, twice=is_new)
    if not secret_form(text):
        raise InvalidInput("パスフレーズが空です。", "The passphrase is empty.", field="passphrase")
    if is_new and len(secret_form(text)) < PASSPHRASE_MIN_CHARACTERS:
        raise InvalidInput(
            f"新しいパスフレーズは {PASSPHRASE_MIN_CHARACTERS} 文字以上にしてください。",
            f"A new passphrase needs at least {PASSPHRASE_MIN_CHARACTERS} characters.",
            field="passphrase",
            code="passphrase_short",
        )
    return text


def staff_of(keyring: Keyring, passphrase: str) -> StaffPair:
    """Return the two staff whose keys are on this machine; ask for the second passphrase, if the second key has its own."""
    first, second = STAFF
    return StaffPair(keyring.key(first, passphrase), _second(keyring, second, passphrase))


def _second(keyring: Keyring, name: str, passphrase: str) -> Signatory:
    try:
        return keyring.key(name, passphrase)
    except Unauthorized:
        return keyring.key(name, ask_passphrase(of=name, variable=SECOND_PASSPHRASE))


def actor() -> str:
    """Return the name of the person who acts, for the audit log."""
    return f"bandai-town {os.environ.get('USER', 'staff')}"
