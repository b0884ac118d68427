"""The vectors of every message type are what our code makes and what eth-account makes without our code."""

import json
import re
import runpy
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from coin.messages import MESSAGE_TYPES, Domain, Message, MessageType, parse_address, to_64, to_65

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/messages.json").read_text("utf-8"))
MESSAGES = VECTORS["messages"]
IDS = [f"{v['message']}: {v['about']}" for v in MESSAGES]


def to_bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def message_of(vector) -> Message:
    kind = MESSAGE_TYPES[vector["message"]]
    return kind(*(vector["fields"][name] for _, name in kind.TYPE.fields))


def our_domain() -> Domain:
    domain = VECTORS["domain"]
    contract = parse_address(domain["verifyingContract"])
    return Domain(domain["name"], domain["version"], domain["chainId"], contract)


def typed_by_hand(vector: dict[str, object]) -> dict[str, object]:
    """Build typed data from the file alone, so that nothing of ours stands between it and eth-account."""
    name = str(vector["message"])
    inside = VECTORS["types"][name]["type_string"].removeprefix(name)[1:-1]
    fields = [dict(zip(("type", "name"), field.split(" "), strict=True)) for field in inside.split(",")]
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            name: fields,
        },
        "primaryType": name,
        "domain": VECTORS["domain"],
        "message": vector["fields"],
    }


@pytest.mark.parametrize("vector", MESSAGES, ids=IDS)
def test_eth_account_makes_the_same_digest_words_and_signature(vector):
    signable = encode_typed_data(full_message=typed_by_hand(vector))
    key = VECTORS["keys"][vector["signer"]]

    signed = Account.sign_message(signable, key["private"])

    assert bytes(signed.message_hash) == to_bytes(vector["digest"])
    assert bytes(signed.signature) == to_bytes(vector["signature_65"])
    assert Account.recover_message(signable, signature=vector["signature_65"]) == key["address"]
    type_hash = to_bytes(VECTORS["types"][vector["message"]]["type_hash"])
    assert signable.header == to_bytes(VECTORS["separator"])
    assert bytes(signable.body) == hash_of(type_hash + to_bytes(vector["words"]))


def hash_of(data: bytes) -> bytes:
    from Crypto.Hash import keccak

    return keccak.new(digest_bits=256, data=data).digest()


@pytest.mark.parametrize("vector", MESSAGES, ids=IDS)
def test_our_code_makes_the_words_digest_and_both_shapes_of_the_vector(vector):
    message = message_of(vector)

    assert message.words == to_bytes(vector["words"])
    assert message.digest(our_domain()) == to_bytes(vector["digest"])
    assert to_64(to_bytes(vector["signature_65"])) == to_bytes(vector["signature_64"])
    assert to_65(to_bytes(vector["signature_64"])) == to_bytes(vector["signature_65"])


@pytest.mark.parametrize("vector", MESSAGES, ids=IDS)
def test_the_typed_data_that_we_give_to_a_wallet_signs_to_the_same_digest(vector):
    typed = json.loads(json.dumps(message_of(vector).typed_data(our_domain())))

    signable = encode_typed_data(full_message=typed)
    assert (
        Account.recover_message(signable, signature=vector["signature_65"])
        == (VECTORS["keys"][vector["signer"]]["address"])
    )


def test_every_type_has_a_vector_and_the_file_is_what_its_script_makes():
    made = runpy.run_path(str(ROOT / "tests/vectors/make_messages.py"))["vectors"]()

    assert made == VECTORS
    assert {v["message"] for v in MESSAGES} == set(MESSAGE_TYPES)


def test_the_types_are_exactly_those_that_the_formats_fix():
    section = (ROOT / "docs/formats.md").read_text("utf-8").split("## 4.")[1].split("## 5.")[0]

    fixed = re.findall(r"^[A-Z]\w+\(.+\)$", section, re.MULTILINE)

    assert [m.TYPE.type_string for m in MESSAGE_TYPES.values()] == fixed
    assert [MessageType.of(text).type_hash for text in fixed] == [
        m.TYPE.type_hash for m in MESSAGE_TYPES.values()
    ]
