"""Which town a folder belongs to, kept when it is made and held against every later answer, and the URL of its gateway."""

from pathlib import Path

from coin.errors import CoinError
from wallet_cli.answers import Json, Town, take
from wallet_cli.files import malformed, read_json, write_private
from wallet_cli.identity import folder_of_another_town, folder_of_another_url

_NAME = "town.json"


def pin(folder: Path, url: str, answer: Json) -> Town:
    """Keep the gateway and the town of `GET /v1/municipality`, once and for all. Raises: as `check`."""
    town = check(folder, url, answer)
    write_private(folder / _NAME, {"gateway": url, "town": dict(answer)})
    return town


def check(folder: Path, url: str, answer: Json) -> Town:
    """See that a folder is free for that town at that URL, or has it already; nothing is written.

    Raises: Conflict (town_changed), if the folder belongs to another town already, or to this one at another URL.
    """
    town = Town.read(answer)
    if known := pinned(folder):
        known_url, known_town = known
        if known_town != town:
            raise folder_of_another_town(known_town, town, known_url)
        if known_url.rstrip("/") != url:
            raise folder_of_another_url(town, known_url, url)
    return town


def move(folder: Path, url: str) -> None:
    """Keep another URL for the town of a folder; that the town answers there, the caller has seen."""
    file = folder / _NAME
    write_private(file, read_json(file) | {"gateway": url})


def pinned(folder: Path) -> tuple[str, Town] | None:
    """Give the gateway's URL and the town, or None in a folder that has none yet.

    Raises: InvalidInput (file_malformed).
    """
    file = folder / _NAME
    if not file.exists():
        return None
    content = read_json(file)
    try:
        return take(content, "gateway", str), Town.read(take(content, "town", dict))
    except CoinError:
        raise malformed(file) from None
