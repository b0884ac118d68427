"""The keys of a town's offices on one machine: a folder with one encrypted keystore for each office.

Decides the names of the offices. Knows no town. The caller passes the passphrase.
Keeps I-12: a secret leaves the folder only inside a key object that signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coin.errors import NotFound
from coin.keystore import list_keystore, open_keystore, write_keystore
from coin.signatory import Signatory

STAFF = ("staff-1", "staff-2")


def channel_office(channel: str) -> str:
    """Return the name of the keystore of a channel of program.toml."""
    return f"channel-{channel}"


@dataclass(frozen=True)
class Keyring:
    """The keystores in one folder."""

    folder: Path

    def keystore(self, name: str) -> Path:
        """Return the file of one office's key."""
        return self.folder / f"{name}.json"

    def address(self, office: str) -> bytes:
        """Return the address of an office's key; needs no passphrase. Raises: as `list_keystore`."""
        return list_keystore(self.keystore(office))[0].address

    def key(self, office: str, passphrase: str) -> Signatory:
        """Return the key of one office.

        Raises:  NotFound (`keystore_missing`); Unauthorized (`passphrase_wrong`).
        """
        return Signatory(open_keystore(self.keystore(office), passphrase).secret(office))

    def write(self, name: str, secrets_by_name: Mapping[str, bytes], passphrase: str) -> None:
        """Encrypt keys into one keystore, replacing its content."""
        write_keystore(self.keystore(name), secrets_by_name, passphrase)

    def names(self) -> list[str]:
        """Return the names of the keystores."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def demand(self, name: str) -> None:
        """Check that a keystore of exactly that name exists, so that a name cannot be a path to another folder.

        Raises:  NotFound (`keystore_missing`), naming those that exist.
        """
        there = self.names()
        if name not in there:
            raise NotFound(
                f"{name} の鍵はありません。あるのは {'、'.join(there)} です。",
                f"There is no key {name}; there are {', '.join(there)}.",
                field="office",
                code="keystore_missing",
            )
