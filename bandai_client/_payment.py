"""A payment: what the payer signs, how it is sent, and how its acceptance is verified.

Keeps:   I-03: `payment` names one authorization, and a receipt is accepted for exactly that one.
Source:  EIP-3009; docs/formats.md §4.
"""

from dataclasses import dataclass
from typing import Any

from bandai_client._errors import answer_wrong, receipt_wrong
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._reading import Json, read_hex, take, take_objects, take_optional
from bandai_client._receipts import Receipt, verify_receipt
from bandai_client._town import Town
from coin import messages
from coin.errors import InvalidInput
from coin.messages import checksum_address, nonce_word, parse_address, parse_bytes32


@dataclass(frozen=True)
class Authorization:
    """A signed payment (EIP-3009); `payment` is its digest, which is its id."""

    checkout: str | None
    payer: bytes
    payee: bytes
    amount_yen: int
    valid_before_s: int
    nonce: int
    payment: bytes
    signature: bytes
    valid_after_s: int = 0

    @classmethod
    def sign(
        cls,
        town: Town,
        key: Key,
        *,
        payee: bytes,
        amount_yen: int,
        checkout: str | None,
        nonce: int,
        valid_before_s: int,
        valid_after_s: int = 0,
    ) -> "Authorization":
        """Sign a payment for this town; nothing is sent."""
        message = messages.TransferWithAuthorization(
            payer=key.address,
            payee=payee,
            value=amount_yen,
            valid_after_s=valid_after_s,
            valid_before_s=valid_before_s,
            nonce=nonce_word(nonce),
        )
        payment, signature = key.sign_message(town.domain, message)
        return cls(
            checkout=checkout,
            payer=key.address,
            payee=payee,
            amount_yen=amount_yen,
            valid_before_s=valid_before_s,
            nonce=nonce,
            payment=payment,
            signature=signature,
            valid_after_s=valid_after_s,
        )

    @classmethod
    def read(cls, town: Town, answer: Json) -> "Authorization":
        """Read what `as_json` wrote; the id is computed, not read.

        Raises:  CoinError (gateway_answer_wrong); InvalidInput naming a wrong field.
        """
        signed = messages.TransferWithAuthorization(
            payer=parse_address(answer.get("from"), "from"),
            payee=parse_address(answer.get("to"), "to"),
            value=take(answer, "value", int),
            valid_after_s=take(answer, "validAfter", int),
            valid_before_s=take(answer, "validBefore", int),
            nonce=parse_bytes32(answer.get("nonce"), "nonce"),
        )
        return cls(
            checkout=take_optional(answer, "checkout", str),
            payer=signed.payer,
            payee=signed.payee,
            amount_yen=signed.value,
            valid_before_s=signed.valid_before_s,
            nonce=int.from_bytes(signed.nonce, "big"),
            payment=signed.digest(town.domain),
            signature=read_hex(take(answer, "signature", str), "signature"),
            valid_after_s=signed.valid_after_s,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the entry for `POST /v1/payments`."""
        return {
            "checkout": self.checkout,
            "from": checksum_address(self.payer),
            "to": checksum_address(self.payee),
            "value": self.amount_yen,
            "validAfter": self.valid_after_s,
            "validBefore": self.valid_before_s,
            "nonce": "0x" + nonce_word(self.nonce).hex(),
            "signature": "0x" + self.signature.hex(),
        }


@dataclass(frozen=True)
class Part:
    """How much of a payment was paid in coins or in points."""

    kind: str
    amount_yen: int


@dataclass(frozen=True)
class Paid:
    """An accepted payment with its verified receipt."""

    authorization: Authorization
    receipt: Receipt
    parts: tuple[Part, ...]

    @property
    def payment(self) -> bytes:
        """The payment's id."""
        return self.authorization.payment

    @property
    def amount_yen(self) -> int:
        """What was paid."""
        return self.receipt.amount_yen


def verified(town: Town, authorization: Authorization, result: Json) -> Paid:
    """Verify the gateway's answer that it accepted an authorization: the receipt is for exactly this payment and signed with
    the pinned key.

    Raises:  CoinError (receipt_wrong, gateway_answer_wrong).
    """
    try:
        receipt = Receipt.read(take(result, "receipt", dict))
    except InvalidInput as error:  # of the answer, and no refusal
        raise answer_wrong(error.field or "receipt") from None
    promised = (receipt.payment, receipt.amount_yen, receipt.merchant, receipt.checkout)
    if promised != (
        authorization.payment,
        authorization.amount_yen,
        authorization.payee,
        authorization.checkout,
    ):
        raise receipt_wrong("payment")
    verify_receipt(town, receipt)
    parts = tuple(
        Part(take(part, "kind", str), take(part, "amount", int)) for part in take_objects(result, "parts")
    )
    return Paid(authorization, receipt, parts)


def read_paid(town: Town, item: Json) -> Paid:
    """Read a payment with its authorization and receipt, as `GET /v1/wallets/{address}/payments` lists it, and verify it.

    Raises:  as `verified`.
    """
    try:
        authorization = Authorization.read(town, take(item, "authorization", dict))
    except InvalidInput as error:
        raise answer_wrong(error.field or "authorization") from None
    return verified(town, authorization, item)


def submit_many(gateway: Gateway, authorizations: list[Authorization]) -> list[Json]:
    """Send at most 100 payments, of one or several wallets, in one request; pass answer i to `Wallet.conclude` of payer i.

    Raises:  CoinError (gateway_answer_wrong), if the number of answers is wrong; Unavailable.
    """
    body = {"authorizations": [authorization.as_json() for authorization in authorizations]}
    results: list[Json] = take(gateway.post("/v1/payments", body), "results", list)
    if len(results) != len(authorizations):
        raise answer_wrong("results")
    return results
