"""The wallet's folder: which town it belongs to, its keystore, its receipts, and a payment without an answer.

Decides what survives a restart. Everything is readable by its owner only and replaced in one step.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from coin.errors import Conflict, InvalidInput, NotFound
from wallet_cli.answers import Json, Receipt, Town
from wallet_cli.gateway import Gateway
from wallet_cli.keys import Key
from wallet_cli.wallet import Authorization, Paid, Wallet

DEFAULT = Path("~/.bandai-wallet")


class Home:
    """A wallet's folder; it may not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()

    @property
    def keystore(self) -> Path:
        """Where the keys are."""
        return self._folder / "keys.json"

    def pin(self, url: str, answer: Json) -> Town:
        """Keep the gateway and the town that the wallet is for, once and for all.

        Raises: Conflict, if it belongs to another town or gateway already.
        """
        town = Town.read(answer)
        if self._town_file.exists():
            pinned_url, pinned = self.pinned()
            if (pinned_url, pinned) != (url, town):
                raise Conflict(
                    f"このウォレットは{pinned.name}に登録されています。--home で別の場所を指定してください。",
                    "This wallet belongs to another town; choose another --home.",
                    code="town_changed",
                )
        self._write(self._town_file, {"gateway": url, "town": dict(answer)})
        return town

    def pinned(self) -> tuple[str, Town]:
        """Give the gateway's URL and the pinned town.

        Raises: NotFound, if no wallet was made here.
        """
        if not self._town_file.exists():
            raise NotFound(
                "ウォレットがまだありません。最初に bandai-wallet create を実行してください。",
                "There is no wallet yet; run bandai-wallet create first.",
                code="wallet_missing",
            )
        content = _read(self._town_file)
        return content["gateway"], Town.read(content["town"])

    def wallet(self, gateway: Gateway, key: Key) -> Wallet:
        """Connect a key, with the payment that it left in doubt."""
        file = self._folder / f"in_doubt_{key}.json"
        in_doubt = Authorization.read(gateway.town, _read(file)) if file.exists() else None

        def remember(authorization: Authorization | None) -> None:
            if authorization is None:
                file.unlink(missing_ok=True)
            else:
                self._write(file, authorization.as_json())

        return Wallet(gateway, key, device=_device(), in_doubt=in_doubt, remember=remember)

    def keep_receipt(self, paid: Paid) -> Path:
        """Keep a verified receipt with its signed payment."""
        file = self._receipt_file(paid.payment)
        self._write(file, {"authorization": paid.authorization.as_json(), "receipt": paid.receipt.as_json()})
        return file

    def receipt(self, payment: bytes) -> tuple[Authorization, Receipt]:
        """Give a payment of this wallet with its receipt.

        Raises: NotFound.
        """
        file = self._receipt_file(payment)
        if not file.exists():
            raise NotFound(
                "この支払いの受領証はここにありません。",
                "The receipt of this payment is not kept here.",
                code="receipt_missing",
            )
        content = _read(file)
        return Authorization.read(self.pinned()[1], content["authorization"]), Receipt.read(
            content["receipt"]
        )

    @property
    def _town_file(self) -> Path:
        return self._folder / "town.json"

    def _receipt_file(self, payment: bytes) -> Path:
        return self._folder / "receipts" / f"{payment.hex()}.json"

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)


def read_receipt(path: Path) -> Receipt:
    """Read a receipt from a file: one that this wallet kept, or the bare JSON of one.

    Raises: NotFound; InvalidInput (file_malformed); CoinError (gateway_answer_wrong).
    """
    content = _read(path)
    return Receipt.read(content.get("receipt", content))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(
            f"ファイルがありません: {path}", f"There is no such file: {path}", field="path"
        ) from None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InvalidInput(
            f"ファイルの中身が読めません: {path}",
            f"The file is damaged: {path}",
            field="path",
            code="file_malformed",
        )
    return content


def _device() -> str:
    # A device's name decides which leased nonces it gets again; the machine's is as good as any and no person's.
    return f"cli {os.uname().nodename}"[:64]
