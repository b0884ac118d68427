"""Somebody who calls the gateway over HTTP: wallets that sign with eth-account, tills with their credential."""

import secrets
from dataclasses import replace
from typing import Any

import httpx
from eth_account.signers.local import LocalAccount

from coin import messages
from coin.messages import checksum_address
from tests.api.town import SHOPS, Town
from tests.worlds.people import address_of


class Caller:
    """A client of one gateway, and the town behind it."""

    def __init__(self, town: Town, http: httpx.Client) -> None:
        self.town = town
        self.http = http

    def get(self, path: str, token: str | None = None, **query: Any) -> httpx.Response:
        """GET under /v1."""
        return self.http.get(f"/v1{path}", headers=bearer(token), params=query)

    def post(self, path: str, body: Any, token: str | None = None, *, key: str | None = "") -> httpx.Response:
        """POST under /v1; a fresh idempotency key unless one, or none (None), is given."""
        headers = bearer(token)
        if key is not None:
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        return self.http.post(f"/v1{path}", json=body, headers=headers)

    def challenge(self, account: LocalAccount) -> dict[str, Any]:
        """Ask for a challenge."""
        answer: dict[str, Any] = self.post("/sessions/challenges", {"wallet": account.address}).json()
        return answer

    def proof(self, account: LocalAccount, challenge: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
        """Sign a challenge."""
        said = messages.Session(
            audience=challenge["audience"],
            wallet=address_of(account),
            challenge=challenge["challenge"],
            issued_at_s=challenge["issued_at"],
            expires_at_s=challenge["expires_at"],
        )
        signature = self.town.sign(replace(said, **changes), account)
        return {
            "wallet": account.address,
            "challenge": challenge["challenge"],
            "issued_at": challenge["issued_at"],
            "expires_at": challenge["expires_at"],
            "signature": "0x" + signature.hex(),
        }

    def log_in(self, account: LocalAccount) -> str:
        """A wallet's token."""
        answer = self.post("/sessions", self.proof(account, self.challenge(account)))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def till(self, number: int) -> str:
        """The token of a shop's till."""
        answer = self.post("/sessions/credentials", {"credential": self.town.credentials[number].secret})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def open_checkout(self, number: int, amount: int, **more: Any) -> dict[str, Any]:
        """A checkout opened at a shop's till."""
        answer = self.post("/tills/checkouts", {"amount": amount, **more}, self.till(number))
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def authorization(
        self, payer: LocalAccount, number: int, value: int, nonce: int, checkout: str | None = None
    ) -> dict[str, Any]:
        """A signed payment to a shop."""
        return self.signed(payer, address_of(SHOPS[number]), value, nonce, checkout)

    def signed(
        self, payer: LocalAccount, payee: bytes, value: int, nonce: int, checkout: str | None = None
    ) -> dict[str, Any]:
        """A signed authorization for twelve hours."""
        made = self.town.authorization(payer, payee, value, nonce)
        return {
            "checkout": checkout,
            "from": payer.address,
            "to": "0x" + payee.hex(),
            "value": value,
            "validAfter": made.valid_after_s,
            "validBefore": made.valid_before_s,
            "nonce": "0x" + made.nonce.hex(),
            "signature": "0x" + made.signature.hex(),
        }

    def pay(self, *authorizations: dict[str, Any]) -> list[dict[str, Any]]:
        """Submit signed payments."""
        answer = self.post("/payments", {"authorizations": list(authorizations)})
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def cancel(self, payer: LocalAccount, nonce: int, **changes: Any) -> httpx.Response:
        """Cancel what may have been signed with a nonce."""
        return self.post("/payments/cancellations", self.cancellation(payer, nonce, **changes))

    def cancellation(self, payer: LocalAccount, nonce: int, **changes: Any) -> dict[str, Any]:
        """A signed cancellation."""
        made = self.town.cancel_message(changes.get("authorizer", payer), nonce, key=payer)
        return {
            "authorizer": checksum_address(made.authorizer),
            "nonce": "0x" + made.nonce.hex(),
            "signature": "0x" + made.signature.hex(),
        }


def bearer(token: str | None) -> dict[str, str]:
    """The header of a token."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and field of an RFC 9457 body, whose other members are checked here."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert set(body) <= {"type", "title", "detail", "status", "code", "field", "errors"}
    assert body["status"] == answer.status_code
    assert body["type"] == f"/v1/errors/{body['code']}"
    assert any(ord(letter) > 0x3000 for letter in body["title"]), "the title is for people here"
    assert body["detail"].isascii()
    return answer.status_code, body["code"], body.get("field")
