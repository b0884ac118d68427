"""Batches of signatures, digests and addresses over contiguous bytes: the Python interface of the Rust core.

Decides only the shapes of a batch; which signatures are valid is decided once, in `native/`. Knows no amounts, wallets or
messages. A column is N rows of fixed width without separators:
digests N × 32, signatures N × 65 (r ‖ s ‖ v), addresses N × 20, secret keys N × 32.

Every path accepts the same signatures: v 27 or 28 (0 and 1 mean the same), 0 < r < n, 0 < s ≤ n/2, and the signer is the
recovered address. An answer never depends on the batch's size, its order, the number of threads or the path. The interpreter
lock is released while the core computes.
Source:  SEC 1, RFC 6979, EIP-2, EIP-712.
"""

from collections.abc import Sequence

from bandai_coin_native import _native

from coin.errors import MalformedBatch

DIGEST_BYTES = 32
SIGNATURE_BYTES = 65
ADDRESS_BYTES = 20
KEY_BYTES = 32


def verify(digests: bytes, signatures: bytes, signers: bytes) -> list[bool]:
    """Return whether each signature is in the accept set and was made by its signer over its digest.

    Shapes:  digests N × 32, signatures N × 65, signers N × 20.
    Raises:  MalformedBatch when the columns do not fit together; a bad signature is False, never an error.
    """
    try:
        return _native.verify(digests, signatures, signers)
    except ValueError as error:
        raise _malformed(error) from None


def recover(digests: bytes, signatures: bytes) -> list[bytes | None]:
    """Return the 20-byte address that made each signature, or None where it is outside the accept set.

    Shapes:  digests N × 32, signatures N × 65.
    Raises:  MalformedBatch when the columns do not fit together.
    """
    try:
        return _native.recover(digests, signatures)
    except ValueError as error:
        raise _malformed(error) from None


def sign(keys: bytes, digests: bytes) -> bytes:
    """Return the signatures of the digests by the secret keys, row by row: RFC 6979, low s, v 27 or 28.

    Shapes:  keys N × 32, digests N × 32. Returns: N × 65.
    Raises:  MalformedBatch when the columns do not fit together or a key is zero or not below the order.
    Keeps:   no copy of a secret outlives the call; the caller must discard its own bytes.
    """
    try:
        return _native.sign(keys, digests)
    except ValueError as error:
        raise _malformed(error) from None


def public_keys(keys: bytes) -> bytes:
    """Return the public keys, x ‖ y, of the secret keys. Shapes: keys N × 32. Returns: N × 64."""
    try:
        return _native.public_keys(keys)
    except ValueError as error:
        raise _malformed(error) from None


def addresses(keys: bytes) -> bytes:
    """Return the addresses of the secret keys. Shapes: keys N × 32. Returns: N × 20."""
    try:
        return _native.addresses(keys)
    except ValueError as error:
        raise _malformed(error) from None


def digests(domain_separator: bytes, type_hash: bytes, columns: Sequence[bytes]) -> bytes:
    """Return the EIP-712 digests of N messages of one type, whose encoded fields stand in columns.

    Shapes:  domain_separator 32, type_hash 32, each column N × 32 (strings as their keccak-256).
    Returns: N × 32, each keccak(0x1901 ‖ domain separator ‖ keccak(type hash ‖ words)).
    Raises:  MalformedBatch when there is no column or they do not fit together.
    """
    try:
        return _native.digests(domain_separator, type_hash, columns)
    except ValueError as error:
        raise _malformed(error) from None


def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 of the data, as Ethereum uses it (32 bytes)."""
    return _native.keccak256(data)


def keccak256_many(rows: Sequence[bytes]) -> bytes:
    """Return the Keccak-256 of each of N messages of any length. Returns: N × 32."""
    return _native.keccak256_many(rows)


def register(public_keys: bytes, *, often: bool = False) -> bytes:
    """Build the verification tables of these keys now instead of after some accepted signatures.

    Shapes:  public_keys N × 64 (x ‖ y). Returns: their addresses, N × 20.
    Raises:  MalformedBatch when one is not a point of the curve; then none is registered.
    Keeps:   tables change the speed of `verify`, never a result; the memory cap holds. `often` asks for wide
    tables, for keys that sign all day.
    """
    try:
        return _native.register(public_keys, often)
    except ValueError as error:
        raise _malformed(error) from None


def set_memory(memory_bytes: int) -> None:
    """Limit the memory of verification tables; the least recently used beyond it are dropped at once."""
    _native.set_memory(memory_bytes)


def forget() -> None:
    """Drop all tables and all counts of keys."""
    _native.forget()


def set_path(name: str | None) -> None:
    """Use the path of this name, one of `explain()["paths"]`; None selects the fastest again.

    Raises:  MalformedBatch when this machine does not support the path.
    """
    try:
        _native.set_path(name)
    except ValueError as error:
        raise _malformed(error) from None


def set_threads(threads: int) -> None:
    """Set the number of threads for large batches; 0 means one for each processor."""
    _native.set_threads(threads)


def explain() -> dict[str, str | int]:
    """Return the path in use on this machine and its tables, for people and benchmarks."""
    return _native.explain()


def split(column: bytes, width_bytes: int) -> list[bytes]:
    """Return the rows of a column. Raises: MalformedBatch when it is not a whole number of rows."""
    if len(column) % width_bytes:
        raise MalformedBatch(
            f"列の長さが {width_bytes} バイトの倍数ではありません。",
            f"A column of {len(column)} bytes is not a whole number of rows of {width_bytes}.",
        )
    return [column[at : at + width_bytes] for at in range(0, len(column), width_bytes)]


def _malformed(error: ValueError) -> MalformedBatch:
    field = str(error).partition(":")[0]
    return MalformedBatch("署名のまとまりの形が正しくありません。", f"Malformed batch: {error}.", field=field)
