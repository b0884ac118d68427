"""Creates or restores a wallet: everything that could fail is checked before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass

from bandai_client import Gateway, Json, Key, Town
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet


@dataclass(frozen=True)
class NewWallet:
    """A folder to which a key of this name can be added, and the gateway that answered for its town."""

    home: Home
    url: str
    name: str
    store: Keystore
    answer: Json
    town: Town

    @classmethod
    def prepare(
        cls, home: Home, url: str, name: str, password: str, fingerprint: str | None = None
    ) -> "NewWallet":
        """Check that keystore, gateway and folder would accept the wallet. Nothing is written.

        Raises:  as `Keystore.prepare`, `Gateway.get` and `Home.check`.
        """
        store = Keystore.prepare(home.keystore, password, name)
        with Gateway(url) as gateway:
            answer = gateway.get("/v1/municipality")
        town = home.check(url, answer, fingerprint)
        return cls(home, url, name, store, answer, town)

    def create(self, word_list: WordList, reveal: Callable[[Sheet], None]) -> Sheet:
        """Create and store a key with new recovery words; `reveal` shows the words or writes them down.

        Raises:  as `Home.pin`, `Keystore.add`, and what `reveal` raises; then no key is stored.
        """
        town = self.home.pin(self.url, self.answer)
        words = new_recovery_words(word_list)
        key = key_from_words(words)
        made = Sheet(town.name, str(key), words)
        # The words first: there must be no key whose words nobody has seen.
        reveal(made)
        self.store.add({self.name: key})
        return made

    def keep(self, key: Key) -> None:
        """Pin the town and store a restored key. Raises: as `Home.pin` and `Keystore.add`."""
        self.home.pin(self.url, self.answer)
        self.store.add({self.name: key})
