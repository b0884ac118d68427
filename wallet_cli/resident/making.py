"""Creates or restores a wallet: everything that could fail is checked before anything is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bandai_client import Gateway, Json, Key, Town
from coin import clock
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet

_PHONE = re.compile(r"[0-9+() -]{3,20}")


@dataclass(frozen=True)
class NewWallet:
    """A folder to which a key of this name can be added, and the gateway that answered for its town."""

    home: Home
    url: str
    name: str
    store: Keystore
    answer: Json
    town: Town
    is_anew: bool = False

    @classmethod
    def prepare(
        cls, home: Home, url: str, name: str, store: Keystore, fingerprint: str | None = None
    ) -> "NewWallet":
        """Check that gateway and folder would accept the wallet, as its prepared keystore does. Nothing is written.

        Raises:  as `Gateway.get` and `Home.check`.
        """
        with Gateway(url) as gateway:
            answer = gateway.get("/v1/municipality")
        town = home.check(url, answer, fingerprint)
        return cls(home, url, name, store, answer, town)

    @classmethod
    def prepare_anew(
        cls, home: Home, url: str, name: str, password: str, fingerprint: str | None
    ) -> "NewWallet":
        """Do the same in a folder whose keystore nobody can open; `keep` will set that file aside.

        Raises:  as `Keystore.prepare_anew` and `prepare`.
        """
        store = Keystore.prepare_anew(home.keystore, password)
        return replace(cls.prepare(home, url, name, store, fingerprint), is_anew=True)

    def create(self, word_list: WordList, reveal: Callable[[Sheet], None]) -> Sheet:
        """Create and store a key with new recovery words; `reveal` shows the words or writes them down.

        Raises:  as `Home.pin`, `Keystore.add`, and what `reveal` raises; then no key is stored.
        """
        town = self.home.pin(self.url, self.answer)
        words = new_recovery_words(word_list)
        key = key_from_words(words)
        made = Sheet(town.name, str(key), words, self._phone(), self.url, town.fingerprint)
        # The words first: there must be no key whose words nobody has seen.
        reveal(made)
        self.store.add({self.name: key})
        return made

    def keep(self, key: Key) -> Path | None:
        """Pin the town and store a restored key.

        Returns: where the keystore is now that nobody could open, if there was one.
        Raises:  as `Home.pin` and `Keystore.add`.
        """
        self.home.pin(self.url, self.answer)
        at = clock.jst_datetime(clock.SystemClock().now_ms())
        aside = Keystore.set_aside(self.home.keystore, at) if self.is_anew else None
        self.store.add({self.name: key})
        return aside

    def fetch_receipts(self, key: Key) -> int:
        """Get the receipts of all payments of a key from the gateway. Returns: how many were not here yet."""
        with Gateway(self.url, pinned=self.town) as gateway:
            return self.home.fetch_receipts(self.home.wallet(gateway, key))

    def _phone(self) -> str:
        """Return the help desk's number as the gateway says it, if it is one."""
        desk = self.answer.get("help_desk")
        phone = desk.get("phone") if isinstance(desk, dict) else None
        return phone if isinstance(phone, str) and _PHONE.fullmatch(phone) else ""
