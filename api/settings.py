"""What a gateway process is told by its environment, and nothing else; every wrong setting is named before it starts."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.limits import Limits
from coin.errors import InvalidInput

_DATABASE, _PROGRAM, _KEY, _CLOCK = (
    "BANDAI_DATABASE_URL",
    "BANDAI_PROGRAM",
    "BANDAI_RECEIPT_KEY_FILE",
    "BANDAI_CLOCK",
)
_PER_ADDRESS, _PER_TOKEN = "BANDAI_RATE_PER_ADDRESS", "BANDAI_RATE_PER_TOKEN"
_PROXIES = "BANDAI_TRUSTED_PROXIES"


@dataclass(frozen=True)
class Settings:
    """Where the books, the rules and the receipts' key are; `clock_file` moves the time of a demo."""

    database_url: str
    program: Path
    receipt_key_file: Path
    clock_file: Path | None = None
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: str = ""  # addresses or networks, separated by commas, whose X-Forwarded-For is believed

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings of this process.

        Raises:  InvalidInput (`setting_missing`, `setting_invalid`) naming the first one that is missing or wrong.
        """
        for name in (_DATABASE, _PROGRAM, _KEY):
            if not environment.get(name):
                raise InvalidInput(
                    f"環境変数 {name} がありません。",
                    f"{name} is not set.",
                    field=name,
                    code="setting_missing",
                )
        clock = environment.get(_CLOCK)
        return cls(
            database_url=environment[_DATABASE],
            program=Path(environment[_PROGRAM]),
            receipt_key_file=Path(environment[_KEY]),
            clock_file=Path(clock) if clock else None,
            limits=Limits(
                per_address=_rate(environment, _PER_ADDRESS, Limits.per_address),
                per_token=_rate(environment, _PER_TOKEN, Limits.per_token),
            ),
            trusted_proxies=environment.get(_PROXIES, ""),
        )


def _rate(environment: Mapping[str, str], name: str, usual: int) -> int:
    text = environment.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise InvalidInput(
            f"{name} は1秒あたりの回数(1〜1,000,000)です。",
            f"{name} is requests per second, 1 to 1,000,000.",
            field=name,
            code="setting_invalid",
        )
    return int(text)


def read_receipt_key(path: Path) -> bytes:
    """The private key that signs receipts: a file with 0x and 64 hex digits that only its owner can read.

    Raises:  InvalidInput (`receipt_key_invalid`), if it is missing, is no such file, or others can read it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise _bad_key("ファイルを開けません", "cannot be opened") from error
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        _check_mode(os.fstat(handle))
        text = file.read(80).strip()
    try:
        key = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        key = b""
    if len(key) != 32 or not any(key):
        raise _bad_key("0x と 64 桁の16進数ではありません", "is not 0x and 64 hex digits")
    return key


def _check_mode(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.geteuid():
        raise _bad_key(
            "本人だけが読める普通のファイル (0600) にしてください", "must be a file of mode 0600 of our own"
        )


def _bad_key(ja: str, en: str) -> InvalidInput:
    return InvalidInput(
        f"レシート鍵: {ja}。", f"The receipt key file {en}.", field=_KEY, code="receipt_key_invalid"
    )
