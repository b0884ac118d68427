"""A till's folder: its town and shop, its credential, the payments that it has taken, and the last one it has announced.

Every file is readable only by its owner. The credential opens checkouts of one shop and cannot move money.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bandai_client import Gateway, Json, PairedTill, ReceiptBook, Till, Town
from coin.errors import Conflict, NotFound
from coin.parsing import typed_path
from wallet_cli.common import pinned
from wallet_cli.common.files import malformed, read_json, refuse_open_file, write_private

DEFAULT = Path("~/.bandai-till")
_ROOM = 4096  # more than a till takes


class TillHome:
    """A till's folder; it may not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = typed_path(folder)

    def pin(self, url: str, answer: Json, fingerprint: str | None) -> Town:
        """Store the gateway's URL and the town of the till. Raises: Conflict (town_changed, fingerprint_differs)."""
        return pinned.pin(self.folder, url, answer, fingerprint)

    def move(self, url: str) -> None:
        """Store another URL for the same town."""
        pinned.move(self.folder, url)

    def pinned(self) -> tuple[str, Town]:
        """Return the gateway's URL and the pinned town.

        Raises:  NotFound (till_missing), if this device is not a till yet.
        """
        known = pinned.pinned(self.folder)
        if known is None or not self._file.exists():
            raise NotFound(
                "この端末はまだレジになっていません。最初に bandai-till pair を実行してください。",
                "This device is not a till yet; run bandai-till pair first.",
                code="till_missing",
            )
        return known

    def demand_room(self) -> None:
        """Check that a till can be stored here, before its code is used up. Raises: OSError."""
        trial = self.folder / "room.json"
        write_private(trial, {"room": "-" * _ROOM})
        trial.unlink()

    def keep(self, paired: PairedTill) -> None:
        """Store the till that this device has become, in place of an earlier one."""
        write_private(self._file, asdict(paired))

    def paired(self) -> PairedTill:
        """Return the till that this device is.

        Raises:  InvalidInput (file_malformed, till_open_to_others).
        """
        refuse_open_file(self._file, "till_open_to_others")
        try:
            return PairedTill(**read_json(self._file))
        except TypeError:
            raise malformed(self._file) from None

    @property
    def book(self) -> ReceiptBook:
        """The record of payments that this till has taken, shared by all its programs."""
        return ReceiptBook(self.folder / "taken")

    @property
    def announced(self) -> int | None:
        """The number of the last payment that a watch of this till has announced; None before the first.

        Raises:  InvalidInput (file_malformed).
        """
        if not self._announced.exists():
            return None
        number = read_json(self._announced).get("sequence")
        if type(number) is not int:
            raise malformed(self._announced)
        return number

    def keep_announced(self, sequence: int) -> None:
        """Store the number of the payment that is announced now."""
        write_private(self._announced, {"sequence": sequence})

    @contextmanager
    def only_watch(self) -> Iterator[None]:
        """Be the only watch of this till, so that a payment is announced once.

        Raises:  Conflict (till_watched), if another program is it.
        """
        handle = os.open(self.folder / "watch.lock", os.O_CREAT | os.O_RDWR, 0o600)
        with os.fdopen(handle, "r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    "このレジでは、もう bandai-till watch が動いています。",
                    "Another bandai-till watch runs for this till already.",
                    code="till_watched",
                ) from None
            yield

    def till(self, gateway: Gateway) -> Till:
        """Return the till at a gateway."""
        paired = self.paired()
        return Till(gateway, paired.credential, book=self.book, paired=paired)

    @property
    def _file(self) -> Path:
        return self.folder / "till.json"

    @property
    def _announced(self) -> Path:
        return self.folder / "announced.json"
