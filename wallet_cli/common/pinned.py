"""The town that a folder belongs to and the URL of its gateway. They are stored once, and every later answer is compared
with the town."""

from pathlib import Path

from bandai_client import Json, Town
from coin.errors import CoinError, Conflict
from coin.messages import is_fingerprint
from wallet_cli.common.files import malformed, read_json, write_private

_NAME = "town.json"


def pin(folder: Path, url: str, answer: Json, fingerprint: str | None) -> Town:
    """Store the gateway's URL and the town of `GET /v1/municipality`, once. Raises: as `check`."""
    town = check(folder, url, answer, fingerprint)
    write_private(folder / _NAME, {"gateway": url, "town": dict(answer)})
    return town


def check(folder: Path, url: str, answer: Json, fingerprint: str | None) -> Town:
    """Check that a folder belongs to no town yet, or to that town at that URL, and that the town has the fingerprint that a
    person read on paper, if one is given. Nothing is written.

    Raises:  Conflict (town_changed), if the folder belongs to another town, or to this town at another URL;
             Conflict (fingerprint_differs).
    """
    town = Town.read(answer)
    demand_on_paper(town, fingerprint)
    if known := pinned(folder):
        known_url, known_town = known
        if known_town != town:
            raise _folder_of_another_town(known_town, town, known_url)
        if known_url.rstrip("/") != url:
            raise _folder_of_another_url(town, known_url, url)
    return town


def demand_on_paper(town: Town, fingerprint: str | None) -> None:
    """Compare a town with the fingerprint that a person read on paper, if one is given.

    Raises:  Conflict (fingerprint_differs).
    """
    if fingerprint is not None and not is_fingerprint(fingerprint, town.fingerprint):
        raise _not_on_paper(town)


def move(folder: Path, url: str) -> None:
    """Store another URL for the town of a folder; the caller has checked that the town answers there."""
    file = folder / _NAME
    write_private(file, read_json(file) | {"gateway": url})


def pinned(folder: Path) -> tuple[str, Town] | None:
    """Return the gateway's URL and the town; None, if the folder has no town yet.

    Raises:  InvalidInput (file_malformed).
    """
    file = folder / _NAME
    if not file.exists():
        return None
    content = read_json(file)
    try:
        if isinstance(content.get("gateway"), str) and isinstance(content.get("town"), dict):
            return content["gateway"], Town.read(content["town"])
    except CoinError:  # not an answer of the gateway: the error is in a file
        pass
    raise malformed(file)


def _not_on_paper(town: Town) -> Conflict:
    """Return the error for a gateway that is not the one of the town on paper."""
    return Conflict(
        f"サーバーの指紋（{town.fingerprint}）が、紙の指紋と違います。にせのサーバーかもしれません。町の窓口で URL を確かめてください。",
        f"The gateway's fingerprint ({town.fingerprint}) is not the one on paper. It may be a false gateway; ask the town for its URL.",
        field="fingerprint",
        code="fingerprint_differs",
    )


def _folder_of_another_town(known: Town, answered: Town, known_url: str) -> Conflict:
    """Return the error for a folder that belongs to another town."""
    ja, en = known.differences(answered)
    return Conflict(
        f"この場所には別の町のデータがあります: {known.name}（{known_url}）。違うもの: {ja}。--home で別の場所を指定してください。",
        f"This folder belongs to another town ({known_url}); what differs: {en}. Choose another --home.",
        code="town_changed",
    )


def _folder_of_another_url(known: Town, known_url: str, url: str) -> Conflict:
    """Return the error for a folder of the same town with another URL."""
    return Conflict(
        f"町は同じ{known.name}ですが、登録された URL が違います（{known_url}）。町のサーバーが移ったのなら、先に bandai-wallet gateway {url}（レジは bandai-till gateway {url}）で URL を替えてください。",
        f"The town is the same, but its pinned URL is another one ({known_url}). If its gateway has moved, run `bandai-wallet gateway {url}` (a till: bandai-till) first.",
        code="town_changed",
    )
