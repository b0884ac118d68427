"""Digests are EIP-712's and hashes are Keccak-256, equal to eth-account and pycryptodome."""

import pytest
from Crypto.Hash import keccak
from eth_account.messages import _hash_eip191_message, encode_typed_data

from coin import core
from coin.errors import MalformedBatch

DOMAIN = {
    "name": "BandaiCoin 074071",
    "version": "1",
    "chainId": 31337,
    "verifyingContract": "0x" + "11" * 20,
}
FIELDS = [("from", "address"), ("to", "address"), ("value", "uint256"), ("nonce", "bytes32")]


def theirs(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


def domain_separator() -> bytes:
    kind = theirs(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    return theirs(
        kind
        + theirs(b"BandaiCoin 074071")
        + theirs(b"1")
        + (31337).to_bytes(32, "big")
        + bytes(12)
        + b"\x11" * 20
    )


def by_eth_account(message: dict[str, object]) -> bytes:
    types = {"Pay": [{"name": name, "type": kind} for name, kind in FIELDS]}
    return bytes(_hash_eip191_message(encode_typed_data(DOMAIN, types, message)))


def test_digests_equal_eth_account_for_every_row() -> None:
    rows = [(b"\xaa" * 19 + bytes([i]), b"\xbb" * 20, 10**i, theirs(b"%d" % i)) for i in range(17)]
    columns = [
        b"".join(bytes(12) + row[0] for row in rows),
        b"".join(bytes(12) + row[1] for row in rows),
        b"".join(row[2].to_bytes(32, "big") for row in rows),
        b"".join(row[3] for row in rows),
    ]
    type_hash = theirs(b"Pay(address from,address to,uint256 value,bytes32 nonce)")

    digests = core.split(core.digests(domain_separator(), type_hash, columns), 32)

    for digest, row in zip(digests, rows, strict=True):
        message = {"from": "0x" + row[0].hex(), "to": "0x" + row[1].hex(), "value": row[2], "nonce": row[3]}
        assert digest == by_eth_account(message)


@pytest.mark.parametrize("fields", [1, 2, 3, 4, 5, 7, 8, 11, 16])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 1025])
def test_digests_of_any_width_and_count_equal_pycryptodome(fields: int, count: int) -> None:
    columns = [b"".join(theirs(b"%d %d" % (field, row)) for row in range(count)) for field in range(fields)]
    domain, kind = theirs(b"domain"), theirs(b"type")

    digests = core.split(core.digests(domain, kind, columns), 32)

    assert len(digests) == count
    for row in range(0, count, max(1, count // 50)):
        words = b"".join(column[32 * row : 32 * row + 32] for column in columns)
        assert digests[row] == theirs(b"\x19\x01" + domain + theirs(kind + words))


@pytest.mark.parametrize("length", [0, 1, 31, 32, 64, 134, 135, 136, 137, 271, 272, 273, 1000])
def test_keccak_of_any_length_equals_pycryptodome(length: int) -> None:
    data = bytes(i * 7 % 251 for i in range(length))

    assert core.keccak256(data) == theirs(data)
    assert core.keccak256_many([data, b"", data]) == theirs(data) + theirs(b"") + theirs(data)


@pytest.mark.parametrize(
    ("domain", "kind", "columns", "field"),
    [
        (bytes(31), bytes(32), [bytes(32)], "domain_separator"),
        (bytes(32), bytes(33), [bytes(32)], "type_hash"),
        (bytes(32), bytes(32), [], "columns"),
        (bytes(32), bytes(32), [bytes(33)], "columns"),
        (bytes(32), bytes(32), [bytes(32), bytes(64)], "columns"),
    ],
)
def test_columns_that_do_not_fit_together_are_named(
    domain: bytes, kind: bytes, columns: list[bytes], field: str
) -> None:
    with pytest.raises(MalformedBatch) as caught:
        core.digests(domain, kind, columns)

    assert caught.value.field == field
