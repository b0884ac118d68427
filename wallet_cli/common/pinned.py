"""Which town a folder belongs to, kept when it is made and held against every later answer, and the URL of its gateway."""

from pathlib import Path

from bandai_client import Json, Town
from coin.errors import CoinError, Conflict
from wallet_cli.common.files import malformed, read_json, write_private

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
            raise _folder_of_another_town(known_town, town, known_url)
        if known_url.rstrip("/") != url:
            raise _folder_of_another_url(town, known_url, url)
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
        if isinstance(content.get("gateway"), str) and isinstance(content.get("town"), dict):
            return content["gateway"], Town.read(content["town"])
    except CoinError:  # it was not the gateway that answered: a file says this
        pass
    raise malformed(file)


def _folder_of_another_town(known: Town, answered: Town, known_url: str) -> Conflict:
    """Make the error of a folder that another town has already."""
    ja, en = known.differences(answered)
    return Conflict(
        f"この場所には別の町のデータがあります: {known.name}（{known_url}）。違うもの: {ja}。--home で別の場所を指定してください。",
        f"This folder belongs to another town ({known_url}); what differs: {en}. Choose another --home.",
        code="town_changed",
    )


def _folder_of_another_url(known: Town, known_url: str, url: str) -> Conflict:
    """Make the error of a folder whose town is the same and whose URL is not."""
    return Conflict(
        f"町は同じ{known.name}ですが、登録された URL が違います（{known_url}）。町のサーバーが移ったのなら、先に bandai-wallet gateway {url}（レジは bandai-till gateway {url}）で URL を替えてください。",
        f"The town is the same and its pinned URL is not ({known_url}). If its gateway has moved, run `bandai-wallet gateway {url}` (a till: bandai-till) first.",
        code="town_changed",
    )
