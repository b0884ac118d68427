"""The two forms of a signature, 64 and 65 bytes, with one policy for both. Source: EIP-2098, EIP-2."""

from coin.errors import Rejected, Rejection
from coin.messages.words import wrong

HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def _refuse_twin(s: int) -> None:
    if s > HALF_CURVE_ORDER:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")


def _signature_size(signature: bytes) -> int:
    if len(signature) not in (64, 65):
        raise wrong("signature", "署名は 64 か 65 バイトです。", "a signature has 64 or 65 bytes")
    return len(signature)


def to_65(signature: bytes) -> bytes:
    """Write a signature as r ‖ s ‖ v with v 27 or 28, from 64 (EIP-2098) or 65 bytes (v 0 or 1 too).

    Raises:  InvalidInput on another length; Rejected (signature_invalid) on another v or a high s.
    Keeps:   I-07: one policy, low s only, on every path.
    Source:  EIP-2098, EIP-2.
    """
    if _signature_size(signature) == 64:
        last = int.from_bytes(signature[32:], "big")
        parity, s = last >> 255, last & ((1 << 255) - 1)
    else:
        parity, s = signature[64], int.from_bytes(signature[32:64], "big")
        parity = parity - 27 if parity in (27, 28) else parity
    if parity not in (0, 1):
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    _refuse_twin(s)
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + parity])


def to_64(signature: bytes) -> bytes:
    """Write a signature as r ‖ yParity and s (EIP-2098), the form of records.

    Raises:  as `to_65`.
    """
    full = to_65(signature)
    s = int.from_bytes(full[32:64], "big") | (full[64] - 27) << 255
    return full[:32] + s.to_bytes(32, "big")
