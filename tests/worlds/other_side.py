"""A server that a wallet must be able to handle: honest, silent, or lying.

This is no copy of the gateway: it keeps no books and decides nothing. It gives the answers of the HTTP contract,
signed with a receipts key of its own; a test changes an answer, or lets the line break before or after the arrival.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from bandai_client import Gateway, Key, Town, signer_of
from coin import messages
from coin.messages import Domain, checkout_word, checksum_address
from coin.messages import key_id as key_id_of
from coin.qr.text import Dynamic, Static, build

Answer = dict[str, Any]
NOW_MS = 1_658_458_800_000
CHECKOUT = "01J9ZK5V6QWERTY0123456789A"
NEXT_CHECKOUT = "01J9ZK5V6QWERTY0123456789B"
SHOP = Key(bytes(31) + b"\x05")
RECEIPTS = Key(bytes(31) + b"\x07")
DOMAIN = Domain.for_municipality("074071", 31337, b"\xc0" * 20)
AUDIENCE = "eip155:31337:" + checksum_address(b"\xc0" * 20)
FIELDS = {
    "municipality": "074071",
    "merchant_number": 12,
    "sticker_version": 1,
    "name": "SOBADOKORO",
    "city": "BANDAI",
    "name_ja": "そば処　磐梯",
}
QR_TEXT = build(Dynamic(**FIELDS, amount_yen=1250, checkout=CHECKOUT))
NEXT_QR_TEXT = build(Dynamic(**FIELDS, amount_yen=1250, checkout=NEXT_CHECKOUT))
STICKER_TEXT = build(Static(**FIELDS))


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def unhexed(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def town() -> Answer:
    return {
        "municipality": "074071",
        "name": "磐梯町",
        "is_demo": True,
        "domain": DOMAIN.as_json(),
        "receipt_key": {"address": str(RECEIPTS), "key_id": hexed(key_id_of(RECEIPTS.address))},
        "now_ms": NOW_MS,
    }


TOWN = Town.read(town())


def merchant() -> Answer:
    return {
        "number": 12,
        "name": "そば処　磐梯",
        "name_romaji": "SOBADOKORO",
        "address": str(SHOP),
        "category": "5812",
    }


def checkout(path: str, body: Answer) -> Answer:
    """Answer for any checkout: opened by a till or by a wallet, or looked at."""
    drawn = body.get("checkout", CHECKOUT)
    name = path.rpartition("/")[2] if path.startswith("/v1/checkouts/") else drawn
    amount_yen = body.get("amount", 1250)
    return {
        "checkout": name,
        "merchant": merchant(),
        "amount": amount_yen,
        "qr": build(Dynamic(**FIELDS, amount_yen=amount_yen, checkout=name)),
        "deadline": NOW_MS + 300_000,
        "status": "open",
    }


def receipt(authorization: Answer, payment: bytes, sequence: int = 1, lies: Answer | None = None) -> Answer:
    """Sign a receipt of an authorization; `lies` change fields before signing."""
    fields: Answer = {
        "merchant": authorization["to"],
        "till": "till-1",
        "checkout": authorization["checkout"],
        "payment": hexed(payment),
        "amount": authorization["value"],
        "sequence": sequence,
        "accepted_at_ms": NOW_MS,
        "key_id": hexed(key_id_of(RECEIPTS.address)),
    } | (lies or {})
    words = messages.Receipt(
        merchant=fields["merchant"],
        till=fields["till"],
        checkout=checkout_word(fields["checkout"]),
        payment=fields["payment"],
        amount=fields["amount"],
        sequence=fields["sequence"],
        accepted_at_ms=fields["accepted_at_ms"],
        key_id=fields["key_id"],
    ).words
    return fields | {"signature": hexed(RECEIPTS.sign(messages.Receipt.TYPE.digest(DOMAIN, words)))}


def movement(accepted: Answer) -> Answer:
    """Answer for an accepted payment as an item of a history."""
    return {
        "what": "payment",
        "amount": -accepted["receipt"]["amount"],
        "accepted_at_ms": accepted["accepted_at_ms"],
        "payment": accepted["payment"],
        "others": [{"kind": "merchant", "reference": "12", "name": merchant()["name"]}],
    }


def payment_of(authorization: Answer) -> bytes:
    """Check the signature of an authorization and give its digest."""
    names = ("from", "to", "value", "validAfter", "validBefore", "nonce")
    digest = messages.TransferWithAuthorization(*(authorization[name] for name in names)).digest(DOMAIN)
    assert checksum_address(signer_of(digest, unhexed(authorization["signature"]))) == authorization["from"]
    return digest


class OtherSide:
    """Answers requests; a test sets `change`, `refuse`, `lose_request`, `lose_answer`."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Answer, httpx.Headers]] = []
        self.accepted: dict[str, Answer] = {}
        self.authorizations: dict[str, Answer] = {}
        self.tokens: set[str] = set()
        self.change: Callable[[str, Answer], Answer] = lambda _, answer: answer
        self.refuse: Callable[[Answer], str | None] = lambda _: None
        self.lose_request: Callable[[str], bool] = lambda _: False
        self.lose_answer: Callable[[str], bool] = lambda _: False

    def gateway(self, **options: Any) -> Gateway:
        """Connect to this side."""
        transport = httpx.MockTransport(self._handle)
        client = httpx.Client(transport=transport, base_url="http://town.test")
        return Gateway("", client=client, waits_s=(0.0, 0.0), **options)

    def sent(self, path: str) -> list[Answer]:
        """Give the bodies that arrived at a path."""
        return [body for at, body, _ in self.requests if at == path]

    def payments(self) -> list[Answer]:
        """Give every authorization that arrived, in order."""
        return [entry for body in self.sent("/v1/payments") for entry in body["authorizations"]]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if self.lose_request(path):
            raise httpx.ConnectError("no route")
        body = json.loads(request.content) if request.content else {}
        self.requests.append((path, body, request.headers))
        asked = body | dict(request.url.params)
        status, answer = self._answer(path, asked, request.headers.get("Authorization", ""))
        if self.lose_answer(path):
            raise httpx.ReadTimeout("no answer")
        return httpx.Response(status, json=self.change(path, answer))

    def _answer(self, path: str, body: Answer, bearer: str) -> tuple[int, Answer]:
        if path == "/v1/municipality":
            return 200, town()
        if path == "/v1/payments":
            return 200, {"results": [self._pay(entry) for entry in body["authorizations"]]}
        if path == "/v1/payments/cancellations":
            return self._cancel(body)
        if path.startswith("/v1/sessions"):
            return 200, self._session(path, body)
        if bearer.removeprefix("Bearer ") not in self.tokens:
            return 401, {"code": "session_invalid", "title": "The session has lapsed.", "status": 401}
        return 200, self._own(path, body)

    def _session(self, path: str, body: Answer) -> Answer:
        lapse_s = NOW_MS // 1000 + 900
        if path.endswith("challenges"):
            issued_at_s = NOW_MS // 1000
            return {
                "challenge": hexed(b"\x09" * 32),
                "audience": AUDIENCE,
                "issued_at": issued_at_s,
                "expires_at": issued_at_s + 120,
            }
        if "wallet" in body:
            self._check_proof(body)
        token = f"token-{len(self.tokens)}"
        self.tokens.add(token)
        return {"token": token, "expires_at": lapse_s, "scopes": []}

    @staticmethod
    def _check_proof(body: Answer) -> None:
        words = messages.Session(
            audience=AUDIENCE,
            wallet=body["wallet"],
            challenge=body["challenge"],
            issued_at_s=body["issued_at"],
            expires_at_s=body["expires_at"],
        ).words
        signer = signer_of(messages.Session.TYPE.digest(DOMAIN, words), unhexed(body["signature"]))
        assert checksum_address(signer) == body["wallet"]

    def _own(self, path: str, body: Answer) -> Answer:
        if path.endswith("/nonces"):
            free = range(len(self.accepted), len(self.accepted) + body["count"])
            return {"nonces": list(free), "until": NOW_MS + 43_200_000}
        if "checkouts" in path:
            return checkout(path, body)
        if path.startswith("/v1/wallets/") and path.endswith("/payments"):
            return {"items": list(self._paid_with(body.get("nonce"))), "next_cursor": None}
        if path.endswith("/history"):
            return {"items": [movement(accepted) for accepted in self.accepted.values()], "next_cursor": None}
        return {
            "balance": 1100,
            "frozen_until": None,
            "lots": [
                {"kind": "point", "expiry": 1_680_274_800, "fund": "premium", "amount": 100},
                {"kind": "coin", "expiry": 1_680_274_800, "fund": None, "amount": 1000},
            ],
        }

    def _paid_with(self, nonce: str | None) -> Iterator[Answer]:
        for payment, accepted in reversed(self.accepted.items()):
            authorization = self.authorizations[payment]
            if nonce in (None, authorization["nonce"]):
                shown = {name: accepted[name] for name in ("receipt", "parts")}
                yield shown | {"authorization": authorization}

    def _cancel(self, body: Answer) -> tuple[int, Answer]:
        if any(body["nonce"] == paid["nonce"] for paid in self.authorizations.values()):
            return 409, {"code": "nonce_used", "title": "使用済みです。"}
        digest = messages.CancelAuthorization(body["authorizer"], body["nonce"]).digest(DOMAIN)
        assert checksum_address(signer_of(digest, unhexed(body["signature"]))) == body["authorizer"]
        promise = receipt({"to": body["authorizer"], "checkout": None, "value": 0}, digest, lies={"till": ""})
        return 200, {"sequence": 1, "accepted_at_ms": NOW_MS, "receipt": promise}

    def _pay(self, authorization: Answer) -> Answer:
        payment = payment_of(authorization)
        others = [paid for name, paid in self.authorizations.items() if name != hexed(payment)]
        if any(
            (paid["from"], paid["nonce"]) == (authorization["from"], authorization["nonce"])
            for paid in others
        ):
            return {"status": "refused", "code": "nonce_used", "title": "使用済みです。"}
        code = self.refuse(authorization)
        if code and hexed(payment) not in self.accepted:
            return {"status": "refused", "code": code, "title": code}
        sequence = len(self.accepted) + 1
        self.authorizations.setdefault(hexed(payment), authorization)
        self.accepted.setdefault(
            hexed(payment),
            {
                "status": "accepted",
                "payment": hexed(payment),
                "sequence": sequence,
                "accepted_at_ms": NOW_MS,
                "receipt": receipt(authorization, payment, sequence),
                "parts": [{"kind": "coin", "amount": authorization["value"]}],
            },
        )
        return self.accepted[hexed(payment)]
