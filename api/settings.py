"""The settings of a gateway process, from its environment only; a wrong setting is named before the process starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.limits import Limits
from coin.database.place import PROCESSES, with_password
from coin.errors import InvalidInput

_DATABASE, _PROGRAM, _KEY, _CLOCK = (
    "BANDAI_DATABASE_URL",
    "BANDAI_PROGRAM",
    "BANDAI_RECEIPT_KEY_FILE",
    "BANDAI_CLOCK",
)
_PER_ADDRESS, _PER_CREDENTIAL = "BANDAI_RATE_PER_ADDRESS", "BANDAI_RATE_PER_CREDENTIAL"
_PROXIES = "BANDAI_TRUSTED_PROXIES"


@dataclass(frozen=True)
class Settings:
    """Where the books, the rules and the receipts' key are; `clock_file` moves the time of a demo."""

    database_url: str = field(repr=False)
    program: Path
    receipt_key_file: Path
    clock_file: Path | None = None
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: str = ""  # addresses or networks, separated by commas, whose X-Forwarded-For is trusted

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings of this process.

        Raises:  InvalidInput (`setting_missing`, `setting_invalid`) naming the first that is missing or wrong.
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
            database_url=with_password(environment[_DATABASE], PROCESSES, environment),
            program=Path(environment[_PROGRAM]),
            receipt_key_file=Path(environment[_KEY]),
            clock_file=Path(clock) if clock else None,
            limits=Limits(
                per_address=_rate(environment, _PER_ADDRESS, Limits.per_address),
                per_credential=_rate(environment, _PER_CREDENTIAL, Limits.per_credential),
            ),
            trusted_proxies=environment.get(_PROXIES, ""),
        )


def _rate(environment: Mapping[str, str], name: str, usual: int) -> int:
    text = environment.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise InvalidInput(
            f"{name} は1秒あたりの回数（1〜1,000,000）です。",
            f"{name} is requests per second, 1 to 1,000,000.",
            field=name,
            code="setting_invalid",
        )
    return int(text)
