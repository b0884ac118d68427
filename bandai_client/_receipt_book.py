"""The record of payments that a till has taken, each once.

Keeps:   I-03 at the till: goods are handed over once for a payment.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bandai_client._receipts import Receipt, verify_receipt
from bandai_client._town import Town
from coin.errors import Conflict


class ReceiptBook:
    """The payments that a till has taken; with a file, across restarts and for all programs that use the file."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    def has(self, payment: bytes) -> bool:
        """Return whether a payment was taken."""
        with self._lock, self._open():
            return payment.hex() in self._taken

    def take(self, town: Town, receipt: Receipt) -> None:
        """Verify a receipt and record it as taken.

        Raises:  as `verify_receipt`; Conflict (receipt_taken), if it was taken before.
        """
        verify_receipt(town, receipt)
        payment = receipt.payment.hex()
        with self._lock, self._open() as file:
            if payment in self._taken:
                raise Conflict(
                    "この支払いは確認済みです。", "This payment was taken before.", code="receipt_taken"
                )
            if file is not None:
                file.write(f"\n{payment}\n")  # after a power cut the last line may be incomplete
                file.flush()
                os.fsync(file.fileno())
            self._taken.add(payment)

    @contextmanager
    def _open(self) -> Iterator[TextIO | None]:
        """Open the file, lock it against other programs, and read it to its end."""
        if self._path is None:
            yield None
            return
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            self._taken.update(file.read().split())
            yield file
