"""Which gateway and which town a folder belongs to: kept when it is made, and held against every later answer."""

from pathlib import Path

from coin.errors import CoinError, Conflict
from wallet_cli.answers import Json, Town, take
from wallet_cli.files import malformed, read_json, write_private

_NAME = "town.json"


def pin(folder: Path, url: str, answer: Json) -> Town:
    """Keep the gateway and the town of `GET /v1/municipality`, once and for all.

    Raises: Conflict (town_changed), if the folder belongs to another town or gateway already.
    """
    town = Town.read(answer)
    known = pinned(folder)
    if known is not None and (known[0].rstrip("/"), known[1]) != (url, town):
        raise Conflict(
            f"この場所には{known[1].name}（{known[0]}）のデータがあります。--home で別の場所を指定してください。",
            f"This folder belongs to another town or gateway ({known[0]}); choose another --home.",
            code="town_changed",
        )
    write_private(folder / _NAME, {"gateway": url, "town": dict(answer)})
    return town


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
