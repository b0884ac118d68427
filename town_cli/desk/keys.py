"""Sets a separate passphrase for a key, so that one person cannot sign for two."""

from collections.abc import Callable

from coin.errors import InvalidInput
from coin.keyring import Keyring
from coin.keystore import open_keystore
from coin.secret_text import secret_form


def change_passphrase(keyring: Keyring, name: str, old: str, ask_new: Callable[[], str]) -> None:
    """Encrypt one keystore with another passphrase; ask for the new one after the old one has opened it.

    Raises:  Unauthorized (`passphrase_wrong`); InvalidInput (`passphrase_same`). Then the file is unchanged.
    """
    keys = open_keystore(keyring.keystore(name), old)
    new = ask_new()
    if secret_form(new) == secret_form(old):
        raise InvalidInput(
            "新しいパスフレーズが前と同じです。",
            "The new passphrase is the same as the old one.",
            field="passphrase",
            code="passphrase_same",
        )
    keyring.write(name, keys.secrets, new)
