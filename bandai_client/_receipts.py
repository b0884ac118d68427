"""Receipts: the issuer's signed promise, checked against a pinned key, and taken once.

Decides whether a receipt is real and new. It asks nobody: a till can do this without a network.

Keeps:  I-03 at the till: one payment is served once.
Source: docs/formats.md §4 (Receipt).
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bandai_client._answers import Receipt, Town
from bandai_client._keys import signer_of
from coin import messages
from coin.errors import CoinError, Conflict, InvalidInput, Rejected
from coin.messages import checkout_word, key_id


def receipt_wrong(about: str) -> CoinError:
    """Make the error of a receipt that is not the issuer's promise for this payment."""
    return CoinError(
        "受領証が正しくありません。町の窓口にお知らせください。",
        f"The receipt is not right: {about}",
        field=about,
        code="receipt_wrong",
    )


def digest(town: Town, receipt: Receipt) -> bytes:
    """Give what the issuer signed."""
    promise = messages.Receipt(
        merchant=receipt.merchant,
        till=receipt.till,
        checkout=checkout_word(receipt.checkout),
        payment=receipt.payment,
        amount=receipt.amount_yen,
        sequence=receipt.sequence,
        accepted_at_ms=receipt.accepted_at_ms,
        key_id=receipt.key_id,
    )
    return promise.digest(town.domain)


def verify(town: Town, receipt: Receipt) -> None:
    """Check that the town's receipt key signed exactly this.

    Raises: CoinError (receipt_wrong), naming `key_id` or `signature`.
    """
    if receipt.key_id != key_id(town.receipt_key):
        raise receipt_wrong("key_id")
    try:
        signer = signer_of(digest(town, receipt), receipt.signature)
    except (InvalidInput, Rejected, UnicodeEncodeError):
        raise receipt_wrong("signature") from None
    if signer != town.receipt_key:
        raise receipt_wrong("signature")


class ReceiptBook:
    """The payments that a till has taken; with a file, over restarts and for all programs that use it."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    def has(self, payment: bytes) -> bool:
        """Whether a payment was taken."""
        with self._lock, self._open():
            return payment.hex() in self._taken

    def take(self, town: Town, receipt: Receipt) -> None:
        """Take a real receipt for the first time.

        Raises: as `verify`; Conflict (receipt_taken) at every later time.
        """
        verify(town, receipt)
        payment = receipt.payment.hex()
        with self._lock, self._open() as file:
            if payment in self._taken:
                raise Conflict(
                    "この支払いは確認済みです。", "This payment was taken before.", code="receipt_taken"
                )
            if file is not None:
                file.write(f"\n{payment}\n")  # a power cut may have left half a line at the end
                file.flush()
                os.fsync(file.fileno())
            self._taken.add(payment)

    @contextmanager
    def _open(self) -> Iterator[TextIO | None]:
        """The file, locked against other programs and read to its end."""
        if self._path is None:
            yield None
            return
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            self._taken.update(file.read().split())
            yield file
