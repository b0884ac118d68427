"""Make messages.json: every message type with its fields, words, digest and a signature by a named test key.

Run from the repository's root: python tests/vectors/make_messages.py
Checked by: eth-account's encode_typed_data and recovery, in tests/messages/test_message_vectors.py.
The private keys are the keccak-256 of a text that says so; nothing of value may ever be under them.
"""

import json
from pathlib import Path

import coincurve

from coin.core import addresses, keccak256
from coin.messages import MESSAGE_TYPES, Domain, checkout_word, checksum_address, key_id, nonce_word, to_64

TARGET = Path(__file__).with_name("messages.json")
KEYS = {
    name: keccak256(f"bandai-coin test key: {name}".encode())
    for name in (
        "payer",
        "other",
        "ticket",
        "merchant",
        "channel",
        "grants",
        "cashier",
        "staff",
        "second staff",
        "receipts",
    )
}
NOON = 1658458800  # 2022-07-22 12:00 JST
FIRST_EXPIRY = 1680274800  # 2023-04-01 00:00 JST
RANDOM_NONCE = keccak256(b"a random nonce")


def address_of(name: str) -> bytes:
    """Give the address of a named test key."""
    return addresses(KEYS[name])


def authorization(**changes: object) -> dict[str, object]:
    """Give the fields of a payment of 1,250 yen, changed as asked."""
    fields: dict[str, object] = {
        "from": address_of("payer"),
        "to": address_of("merchant"),
        "value": 1250,
        "validAfter": 0,
        "validBefore": NOON + 43_200,
        "nonce": nonce_word(7),
    }
    return fields | changes


def charge(**changes: object) -> dict[str, object]:
    """Give the fields of a charge of 10,000 coins with its bonus, changed as asked."""
    fields: dict[str, object] = {
        "holder": address_of("payer"),
        "coins": 10_000,
        "coinExpiry": FIRST_EXPIRY,
        "points": 1_000,
        "pointExpiry": FIRST_EXPIRY,
        "nonce": 3,
    }
    return fields | changes


PAYMENT = keccak256(b"the digest of a payment")
DOMAIN = Domain.for_municipality("074071", 31337, keccak256(b"the contract of the test vectors")[12:])
PERMIT: dict[str, object] = {
    "payer": address_of("payer"),
    "ticketKey": address_of("ticket"),
    "maxValue": 3_000,
    "validBefore": FIRST_EXPIRY,
    "nonce": RANDOM_NONCE,
}
PERMIT_DIGEST = MESSAGE_TYPES["SpendPermit"](*PERMIT.values()).digest(DOMAIN)
CASES: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("TransferWithAuthorization", "payer", "windowed nonce", authorization()),
    (
        "TransferWithAuthorization",
        "payer",
        "random nonce and a start",
        authorization(validAfter=NOON - 1, nonce=RANDOM_NONCE),
    ),
    (
        "TransferWithAuthorization",
        "payer",
        "the largest amount of a lane, to a person",
        authorization(to=address_of("other"), value=(1 << 24) - 1, nonce=nonce_word(0)),
    ),
    (
        "TransferWithAuthorization",
        "payer",
        "random nonce, to a person",
        authorization(to=address_of("other"), nonce=RANDOM_NONCE),
    ),
    ("ReceiveWithAuthorization", "payer", "random nonce", authorization(nonce=RANDOM_NONCE)),
    ("CancelAuthorization", "payer", "windowed", {"authorizer": address_of("payer"), "nonce": nonce_word(7)}),
    (
        "TopUp",
        "channel",
        "coins with bonus",
        charge(channel=address_of("channel"), reference=keccak256(b"slip 1")),
    ),
    (
        "TopUp",
        "channel",
        "no points",
        charge(channel=address_of("channel"), reference=keccak256(b"slip 2"), points=0, pointExpiry=0),
    ),
    (
        "Reversal",
        "staff",
        "whole charge",
        charge(original=keccak256(b"the digest of a charge"), first=address_of("staff")),
    ),
    (
        "Grant",
        "grants",
        "one grant",
        {
            "signer": address_of("grants"),
            "holder": address_of("payer"),
            "amount": 5_000,
            "expiry": FIRST_EXPIRY,
            "fund": keccak256(b"fund"),
            "nonce": 0,
        },
    ),
    ("SpendPermit", "payer", "one ticket", PERMIT),
    (
        "TicketSpend",
        "ticket",
        "part of the ticket",
        {"permit": PERMIT_DIGEST, "payee": address_of("merchant"), "amount": 1_800},
    ),
    (
        "Refund",
        "merchant",
        "one date",
        {
            "payment": PAYMENT,
            "merchant": address_of("merchant"),
            "payer": address_of("payer"),
            "amount": 1_250,
            "expiry": FIRST_EXPIRY,
            "nonce": 4,
        },
    ),
    (
        "Redeem",
        "cashier",
        "one payout",
        {
            "cashier": address_of("cashier"),
            "merchant": address_of("merchant"),
            "amount": 123_456,
            "payout": keccak256(b"payout"),
            "nonce": 1,
        },
    ),
    (
        "Advance",
        "cashier",
        "one advance",
        {
            "cashier": address_of("cashier"),
            "merchant": address_of("merchant"),
            "amount": 700,
            "refund": keccak256(b"refund"),
            "nonce": 2,
        },
    ),
    (
        "Freeze",
        "staff",
        "72 hours",
        {"account": address_of("payer"), "until": NOON + 259_200, "first": address_of("staff"), "nonce": 11},
    ),
    (
        "Unfreeze",
        "staff",
        "one account",
        {"account": address_of("payer"), "first": address_of("staff"), "nonce": 12},
    ),
    (
        "Recover",
        "staff",
        "lost phone",
        {"from": address_of("payer"), "to": address_of("other"), "first": address_of("staff"), "nonce": 13},
    ),
    (
        "ForcedTransfer",
        "staff",
        "a named reason",
        {
            "from": address_of("payer"),
            "to": address_of("merchant"),
            "amount": 1_250,
            "reason": keccak256(b"incident 5"),
            "first": address_of("staff"),
            "nonce": 14,
        },
    ),
    (
        "Merchant",
        "staff",
        "opens number 12",
        {
            "account": address_of("merchant"),
            "number": 12,
            "status": 1,
            "facts": keccak256(b"facts"),
            "first": address_of("staff"),
            "nonce": 15,
        },
    ),
    (
        "Calendar",
        "staff",
        "lane 0",
        {"lane": 0, "expiry": FIRST_EXPIRY, "first": address_of("staff"), "nonce": 16},
    ),
    (
        "Role",
        "staff",
        "a channel",
        {
            "account": address_of("channel"),
            "role": 2,
            "allowance": 5_000_000,
            "first": address_of("staff"),
            "nonce": 17,
        },
    ),
    ("RequestExit", "payer", "one holder", {"holder": address_of("payer"), "validBefore": NOON + 3_600}),
    (
        "LateBatch",
        "staff",
        "a batch after the year's end",
        {
            "batchNo": 31,
            "firstSequence": 4_211,
            "asOf": NOON,
            "count": 37,
            "dataHash": keccak256(b"the data of a batch"),
        },
    ),
    (
        "ForeignBatch",
        "staff",
        "an empty batch of a stranger",
        {
            "batchNo": 32,
            "firstSequence": 4_248,
            "asOf": NOON,
            "count": 0,
            "dataHash": keccak256(bytes(4)),
            "sender": address_of("other"),
        },
    ),
    (
        "Appoint",
        "staff",
        "ends a pause",
        {
            "settler": address_of("other"),
            "pauser": address_of("cashier"),
            "pausedUntil": 0,
            "change": 1,
        },
    ),
    (
        "Receipt",
        "receipts",
        "of a checkout",
        {
            "merchant": address_of("merchant"),
            "till": "レジ 1",
            "checkout": checkout_word("01J9ZK5V6QWERTY0123456789A"),
            "payment": PAYMENT,
            "amount": 1_250,
            "sequence": 42,
            "acceptedAtMs": NOON * 1000 + 317,
            "keyId": key_id(address_of("receipts")),
        },
    ),
    (
        "Receipt",
        "receipts",
        "no checkout",
        {
            "merchant": address_of("merchant"),
            "till": "",
            "checkout": checkout_word(None),
            "payment": PAYMENT,
            "amount": 1,
            "sequence": (1 << 64) - 1,
            "acceptedAtMs": NOON * 1000,
            "keyId": key_id(address_of("receipts")),
        },
    ),
    (
        "Session",
        "payer",
        "one challenge",
        {
            "audience": "https://coin.example.jp",
            "wallet": address_of("payer"),
            "challenge": keccak256(b"challenge"),
            "issuedAt": NOON,
            "expiresAt": NOON + 300,
        },
    ),
)


def sign(name: str, digest: bytes) -> bytes:
    """Sign as RFC 6979 says, r ‖ s ‖ v with v 27 or 28."""
    signature = coincurve.PrivateKey(KEYS[name]).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([27 + signature[64]])


def plain(value: object) -> object:
    """Write bytes as 0x hex and leave the rest."""
    return "0x" + value.hex() if isinstance(value, bytes) else value


def vector(domain: Domain, case: tuple[str, str, str, dict[str, object]]) -> dict[str, object]:
    """Give one entry of the file."""
    name, signer, about, fields = case
    kind = MESSAGE_TYPES[name]
    message = kind(*(fields[field] for _, field in kind.TYPE.fields))
    words, digest = message.words, message.digest(domain)
    signature = sign(signer, digest)
    return {
        "message": name,
        "about": about,
        "fields": {field: plain(value) for field, value in fields.items()},
        "words": plain(words),
        "digest": plain(digest),
        "signer": signer,
        "signature_65": plain(signature),
        "signature_64": plain(to_64(signature)),
    }


def vectors() -> dict[str, object]:
    """Give the whole file."""
    return {
        "made_by": "tests/vectors/make_messages.py",
        "checked_by": "eth-account (encode_typed_data, recover_message), tests/messages/test_message_vectors.py",
        "keys": {
            name: {"private": plain(key), "address": checksum_address(address_of(name))}
            for name, key in KEYS.items()
        },
        "domain": DOMAIN.as_json(),
        "separator": plain(DOMAIN.separator),
        "types": {
            m.TYPE.name: {"type_string": m.TYPE.type_string, "type_hash": plain(m.TYPE.type_hash)}
            for m in MESSAGE_TYPES.values()
        },
        "messages": [vector(DOMAIN, case) for case in CASES],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
