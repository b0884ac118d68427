"""The payments that a till has taken, each once.

Keeps:  I-03 at the till: one payment is served once.
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

        Raises: as `verify_receipt`; Conflict (receipt_taken) at every later time.
        """
        verify_receipt(town, receipt)
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
