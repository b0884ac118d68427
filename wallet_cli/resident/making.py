"""A wallet is made or restored: whatever could refuse is asked before anything is kept."""

from dataclasses import dataclass
from pathlib import Path

from bandai_client import Gateway, Json, Key
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet


@dataclass(frozen=True)
class NewWallet:
    """A folder that can take a key of this name, at the gateway that answered for its town."""

    home: Home
    url: str
    name: str
    store: Keystore
    answer: Json

    @classmethod
    def prepare(cls, home: Home, url: str, name: str, password: str) -> "NewWallet":
        """Ask the keystore, the gateway and the folder whether they would take it; nothing is written.

        Raises: as `Keystore.prepare`, `Gateway.get` and `Home.check`.
        """
        store = Keystore.prepare(home.keystore, password, name)
        with Gateway(url) as gateway:
            answer = gateway.get("/v1/municipality")
        home.check(url, answer)
        return cls(home, url, name, store, answer)

    def create(self, word_list: WordList, sheet: Path | None) -> Sheet:
        """Make a key with new recovery words and keep it; the words go to `sheet`, if one is named.

        Returns: what stands on the sheet, written or not.
        Raises:  as `Home.pin`, `Sheet.write` and `Keystore.add`.
        """
        town = self.home.pin(self.url, self.answer)
        words = new_recovery_words(word_list)
        key = key_from_words(words)
        made = Sheet(town.name, str(key), words)
        # The sheet first: a key whose words could not be written down must not exist.
        if sheet is not None:
            made.write(sheet)
        self.store.add({self.name: key})
        return made

    def keep(self, key: Key) -> None:
        """Pin the town and keep a restored key. Raises: as `Home.pin` and `Keystore.add`."""
        self.home.pin(self.url, self.answer)
        self.store.add({self.name: key})
