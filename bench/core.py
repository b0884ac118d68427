"""Compares the settlement core with its peers and prints one JSON line; rounds are interleaved and every answer is checked.

Usage: python -m bench.core BINARY ROUNDS. The rows against libsecp256k1 come from the Rust program in
`native/bench`; the rows of the Python calls are measured here. Each ratio is the peer's time over ours for one
row; the result is the median over the rounds, with the smallest and the largest. One thread is timed by its processor time,
so that other processes on the machine do not distort the result.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from time import thread_time
from typing import Any

from coincurve import PrivateKey, PublicKey
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data

from coin import core

KEYS = 1024
ROWS = 4096
TYPED_ROWS = 128
CURVE_ROWS = 512
DOMAIN = {
    "name": "BandaiCoin 074071",
    "version": "1",
    "chainId": 31337,
    "verifyingContract": "0x" + "11" * 20,
}
TYPE = "TransferWithAuthorization"
FIELDS = [
    ("from", "address"),
    ("to", "address"),
    ("value", "uint256"),
    ("validAfter", "uint256"),
    ("validBefore", "uint256"),
    ("nonce", "bytes32"),
]
TYPES = {TYPE: [{"name": name, "type": kind} for name, kind in FIELDS]}


@dataclass(frozen=True)
class Town:
    """Payments of 1,024 payers in turn: as messages, as columns, and with signatures."""

    secrets: list[bytes]
    messages: list[dict[str, Any]]
    columns: list[bytes]
    digests: bytes
    signatures: bytes
    signers: bytes


@dataclass
class Case:
    """Our code and one peer on the same rows; each returns the number of correct answers."""

    what: str
    peer: str
    goal: float
    rows: int
    ours: Callable[[], int]
    peer_rows: int
    theirs: Callable[[], int]
    facts: dict[str, float] = field(default_factory=dict)
    times: list[tuple[float, float]] = field(default_factory=list)


def main() -> None:
    binary, rounds = sys.argv[1], int(sys.argv[2])
    native = json.loads(subprocess.run([binary, str(rounds)], check=True, capture_output=True).stdout)
    core.set_threads(1)
    town = make_town()
    cases = [digesting(town), *verifying(town), *signing(town)]
    for _ in range(rounds):
        for case in cases:
            case.times.append(
                (timed(case.ours, case.rows) / case.rows, timed(case.theirs, case.peer_rows) / case.peer_rows)
            )
    native["rows"] += [figures(case) for case in cases]
    print(json.dumps({"machine": machine(), **native}, ensure_ascii=False))


def make_town() -> Town:
    """Make everything that is needed before the rounds; the keys are registered with the core."""
    secrets = [core.keccak256(b"payer %d" % number) for number in range(KEYS)]
    payers = core.split(core.addresses(b"".join(secrets)), core.ADDRESS_BYTES)
    core.register(core.public_keys(b"".join(secrets)))
    messages = [message(number, payers[number % KEYS]) for number in range(ROWS)]
    columns = [b"".join(word(each[name]) for each in messages) for name, _ in FIELDS]
    digests = core.digests(*separators(), columns)
    signatures = core.sign(b"".join(secrets) * (ROWS // KEYS), digests)
    signers = b"".join(payers) * (ROWS // KEYS)
    return Town(secrets, messages, columns, digests, signatures, signers)


def message(number: int, payer: bytes) -> dict[str, Any]:
    return {
        "from": "0x" + payer.hex(),
        "to": "0x" + (b"shop %02d" % (number % 40)).rjust(20, b"\1").hex(),
        "value": 100 + number,
        "validAfter": 0,
        "validBefore": 2_000_000_000 + number,
        "nonce": core.keccak256(b"nonce %d" % number),
    }


def word(value: str | int | bytes) -> bytes:
    """Return a field as EIP-712 encodes it."""
    if isinstance(value, int):
        return value.to_bytes(32, "big")
    return bytes.fromhex(value[2:]).rjust(32, b"\0") if isinstance(value, str) else value


def separators() -> tuple[bytes, bytes]:
    """Return the domain separator and the type hash."""
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    parts = [core.keccak256(kind), core.keccak256(b"BandaiCoin 074071"), core.keccak256(b"1")]
    domain = core.keccak256(b"".join([*parts, word(31337), word("0x" + "11" * 20)]))
    fields = ",".join(f"{kind} {name}" for name, kind in FIELDS)
    return domain, core.keccak256(f"{TYPE}({fields})".encode())


def digesting(town: Town) -> Case:
    def ours() -> int:
        return ROWS * (core.digests(*separators(), town.columns) == town.digests)

    def theirs() -> int:
        rows = core.split(town.digests[: 32 * TYPED_ROWS], 32)
        return sum(typed_digest(each) == row for each, row in zip(town.messages, rows, strict=False))

    return Case("digests", f"eth-account {version('eth-account')}", 400, ROWS, ours, TYPED_ROWS, theirs)


def typed_digest(each: dict[str, Any]) -> bytes:
    return bytes(_hash_eip191_message(encode_typed_data(DOMAIN, TYPES, each)))


def verifying(town: Town) -> list[Case]:
    signatures = core.split(town.signatures, core.SIGNATURE_BYTES)
    signers = core.split(town.signers, core.ADDRESS_BYTES)
    digests = core.split(town.digests, core.DIGEST_BYTES)
    public = [PrivateKey(secret).public_key.format() for secret in town.secrets]

    def ours() -> int:
        return sum(core.verify(core.digests(*separators(), town.columns), town.signatures, town.signers))

    def typed() -> int:
        names = ["0x" + signer.hex() for signer in signers[:TYPED_ROWS]]
        rows = zip(town.messages, signatures, names, strict=False)
        return sum(
            Account.recover_message(encode_typed_data(DOMAIN, TYPES, each), signature=signature).lower()
            == name
            for each, signature, name in rows
        )

    def curve() -> int:
        rows = zip(signatures[:CURVE_ROWS], digests, public, strict=False)
        return sum(
            PublicKey.from_signature_and_message(
                raw[:64] + bytes([raw[64] - 27]), digest, hasher=None
            ).format()
            == key
            for raw, digest, key in rows
        )

    facts = {"keys": KEYS, "kb_per_key": int(core.explain()["bytes_narrow"]) / 1024}
    what = "digest + verify, Python call"
    return [
        Case(what, f"eth-account {version('eth-account')}, typed", 100, ROWS, ours, TYPED_ROWS, typed, facts),
        Case(what, f"coincurve {version('coincurve')} recover", 12, ROWS, ours, CURVE_ROWS, curve, facts),
    ]


def signing(town: Town) -> list[Case]:
    count = KEYS
    secrets, digests = b"".join(town.secrets), town.digests[: 32 * count]
    rows, signatures = core.split(digests, 32), core.split(town.signatures, 65)
    private = [PrivateKey(secret) for secret in town.secrets]

    def ours() -> int:
        return count * (core.sign(secrets, digests) == town.signatures[: 65 * count])

    def curve() -> int:
        made = (key.sign_recoverable(row, hasher=None) for key, row in zip(private, rows, strict=True))
        return sum(raw[:64] == mine[:64] for raw, mine in zip(made, signatures[:CURVE_ROWS], strict=False))

    def typed() -> int:
        pairs = zip(town.secrets[:TYPED_ROWS], town.messages, signatures, strict=False)
        return sum(
            bytes(Account.sign_typed_data(secret, DOMAIN, TYPES, each).signature) == mine
            for secret, each, mine in pairs
        )

    what = "sign, Python call, one thread"
    return [
        Case(what, f"coincurve {version('coincurve')}", 1.2, count, ours, CURVE_ROWS, curve),
        Case(what, f"eth-account {version('eth-account')}, typed", 12, count, ours, TYPED_ROWS, typed),
    ]


def timed(run: Callable[[], int], expected: int) -> float:
    """Return the seconds of this thread's processor time for one run. Raises: AssertionError, if an answer is wrong."""
    start = thread_time()
    right = run()
    seconds = thread_time() - start
    if right != expected:
        raise AssertionError(f"{right} of {expected} rows were answered rightly")
    return seconds


def figures(case: Case) -> dict[str, Any]:
    ratios = sorted(theirs / ours for ours, theirs in case.times)
    peer = median(theirs for _, theirs in case.times)
    return {
        "what": case.what,
        "clock": "thread",
        "n": case.rows,
        "path": core.explain()["path"],
        "peer": case.peer,
        "ratio": significant(median(ratios)),
        "spread": [significant(ratios[0]), significant(ratios[-1])],
        "goal": f">= {case.goal}",
        "met": median(ratios) >= case.goal,
        "us": significant(1e6 * median(ours for ours, _ in case.times)),
        "peer_us": significant(1e6 * peer),
        "peer_per_s": round(1 / peer),
        **case.facts,
    }


def significant(value: float) -> float:
    return float(f"{value:.4g}")


def machine() -> dict[str, str | int | float]:
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {
        "cpu": f"{facts.get('model name', platform.processor())}"
        f" (family {facts.get('cpu family')}, model {facts.get('model')})",
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    main()
