"""The wallet's folder: its town, its keystore, its receipts, and the payments whose outcome is not proved.

Decides what survives a restart. Every file is readable only by its owner and is replaced atomically.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bandai_client import Authorization, Gateway, Json, Key, Paid, Receipt, Sent, Town, Wallet
from coin.console.deeds import done
from coin.errors import CoinError, NotFound
from coin.parsing import typed_path
from wallet_cli.common import pinned
from wallet_cli.common.files import malformed, read_json, write_private

DEFAULT = Path("~/.bandai-wallet")


class Home:
    """A wallet's folder; it may not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = typed_path(folder)

    @property
    def keystore(self) -> Path:
        """The path of the keystore."""
        return self._folder / "keys.json"

    def pin(self, url: str, answer: Json) -> Town:
        """Store the gateway's URL and the town of the wallet, which `check` has checked. Raises: as `check`."""
        return pinned.pin(self._folder, url, answer, None)

    def check(self, url: str, answer: Json, fingerprint: str | None) -> Town:
        """Check that `pin` would succeed, and the fingerprint, if a person gave one.

        Raises:  Conflict (town_changed, fingerprint_differs).
        """
        return pinned.check(self._folder, url, answer, fingerprint)

    def move(self, url: str) -> None:
        """Store another URL for the same town."""
        pinned.move(self._folder, url)

    def pinned(self) -> tuple[str, Town]:
        """Return the gateway's URL and the pinned town.

        Raises:  NotFound, if there is no wallet in this folder.
        """
        known = pinned.pinned(self._folder)
        if known is None:
            raise NotFound(
                "ウォレットがまだありません。最初に bandai-wallet create を実行してください。",
                "There is no wallet yet; run bandai-wallet create first.",
                code="wallet_missing",
            )
        return known

    def wallet(self, gateway: Gateway, key: Key) -> Wallet:
        """Return the wallet of a key, with its payments without a proof. Receipts of accepted payments are stored in this
        folder.

        Raises:  InvalidInput (file_malformed).
        """
        file = self._outstanding(key)

        def remember(sent: Sequence[Sent]) -> None:
            if sent:
                write_private(file, {"sent": [one.as_json() for one in sent]})
            else:
                file.unlink(missing_ok=True)

        return Wallet(
            gateway,
            key,
            device=_device(),
            outstanding=_read_sent(self.pinned()[1], file) if file.exists() else (),
            remember=remember,
            keep=self.keep_receipt,
        )

    def has_outstanding(self, key: Key) -> bool:
        """Return whether the outcome of a payment of this key is not proved."""
        return self._outstanding(key).exists()

    def _outstanding(self, key: Key) -> Path:
        return self._folder / f"outstanding_{key}.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other program pays from this folder: two at once would use the same nonce."""
        lock = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def keep_receipt(self, paid: Paid) -> None:
        """Store the verified receipt of a payment made now, with the signed payment: it is done, whether that works or not."""
        done(
            f"支払い 0x{paid.payment.hex()}: {paid.amount_yen:,}円を支払いました。",
            f"Payment 0x{paid.payment.hex()}: {paid.amount_yen:,} yen were paid.",
        )
        self._store(paid)

    def _store(self, paid: Paid) -> None:
        content = {"authorization": paid.authorization.as_json(), "receipt": paid.receipt.as_json()}
        write_private(self.receipt_file(paid.payment), content)

    def fetch_receipts(self, wallet: Wallet) -> int:
        """Store the receipts of all payments that the gateway knows, each verified. Returns: how many were not here yet."""
        new = [paid for paid in wallet.payments() if not self.receipt_file(paid.payment).exists()]
        for paid in new:
            self._store(paid)
        return len(new)

    def receipt(self, payment: bytes) -> tuple[Authorization, Receipt]:
        """Return a stored payment of this wallet with its receipt.

        Raises:  NotFound.
        """
        file = self.receipt_file(payment)
        if not file.exists():
            raise NotFound(
                "この支払いの受領証はここにありません。bandai-wallet receipts で取り戻せます。",
                "The receipt of this payment is not stored here; bandai-wallet receipts gets it back.",
                code="receipt_missing",
            )
        return read_paid_file(self.pinned()[1], file)

    def receipt_file(self, payment: bytes) -> Path:
        """Return the path of a payment's receipt."""
        return self._folder / "receipts" / f"{payment.hex()}.json"


def _read_sent(town: Town, file: Path) -> list[Sent]:
    sent = read_json(file).get("sent")
    try:
        if isinstance(sent, list) and all(isinstance(one, dict) for one in sent):
            return [Sent.read(town, one) for one in sent]
    except CoinError:  # not an answer of the gateway: the error is in a file
        pass
    raise malformed(file)


def read_paid_file(town: Town, path: Path) -> tuple[Authorization, Receipt]:
    """Read a receipt with the payment that it is for, as a wallet stores both.

    Raises:  NotFound; InvalidInput (file_malformed).
    """
    promise = read_receipt(path)
    signed = read_json(path).get("authorization")
    try:
        if isinstance(signed, dict):
            return Authorization.read(town, signed), promise
    except CoinError:  # not an answer of the gateway: the error is in a file
        pass
    raise malformed(path)


def read_receipt(path: Path) -> Receipt:
    """Read a receipt from a file: one that this wallet has stored, or the JSON of a receipt.

    Raises:  NotFound; InvalidInput (file_malformed).
    """
    content = read_json(path)
    written = content.get("receipt", content)
    try:
        if isinstance(written, dict):
            return Receipt.read(written)
    except CoinError:  # not an answer of the gateway: the error is in a file
        pass
    raise malformed(path)


def _device() -> str:
    # The device name decides which leased nonces are returned again. The machine's name will do, and names no person.
    return f"cli {os.uname().nodename}"[:64]
