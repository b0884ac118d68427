"""What people and machines sign: EIP-712 types, words, digests, and the two shapes of a signature.

Decides how a value becomes a word and a word a digest. Knows nothing of keys, of who may sign what, of the
time or of any store. A message is carried as its **words** (its fields in order, 32 bytes each, strings as
their keccak-256, without the type hash), and the journal stores just these.

Source: EIP-712, EIP-2098, EIP-3009; docs/formats.md §4.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from coin.core import keccak256
from coin.errors import InvalidInput, Rejected, Rejection

WORD = 32
ZERO_WORD = bytes(WORD)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_HEX = re.compile("0x[0-9a-fA-F]*")
WINDOWED_NONCES_END = 1 << 24
HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_DOMAIN_FIELDS = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


def _wrong(field: str, ja: str, en: str) -> InvalidInput:
    return InvalidInput(f"{field}: {ja}", f"{field}: {en}", field=field)


def _from_hex(text: str, size: int, field: str) -> bytes:
    if len(text) != 2 + 2 * size or not _HEX.fullmatch(text):
        raise _wrong(
            field, f"0x で始まる {size} バイトの16進数ではありません。", f"not 0x and {size} bytes of hex"
        )
    return bytes.fromhex(text[2:])


def checksum_address(address: bytes) -> str:
    """Write 20 bytes the way people compare them, with EIP-55's capitals."""
    plain = address.hex()
    marks = keccak256(plain.encode()).hex()
    return "0x" + "".join(c.upper() if int(m, 16) > 7 else c for c, m in zip(plain, marks, strict=False))


def parse_address(value: object, field: str = "address") -> bytes:
    """Read an address from 20 bytes or from 0x hex; mixed capitals must be EIP-55's.

    Raises: InvalidInput naming `field`.
    """
    if isinstance(value, bytes) and len(value) == 20:
        return value
    if not isinstance(value, str):
        raise _wrong(field, "20 バイトのアドレスではありません。", "not an address of 20 bytes")
    address = _from_hex(value, 20, field)
    digits = value[2:]
    if digits not in (digits.lower(), digits.upper()) and value != checksum_address(address):
        raise _wrong(field, "アドレスの大文字・小文字が合いません。", "the checksum of the address is wrong")
    return address


def parse_bytes32(value: object, field: str = "bytes32") -> bytes:
    """Read 32 bytes from bytes or from 0x hex.

    Raises: InvalidInput naming `field`.
    """
    if isinstance(value, bytes) and len(value) == WORD:
        return value
    if not isinstance(value, str):
        raise _wrong(field, "32 バイトの値ではありません。", "not a value of 32 bytes")
    return _from_hex(value, WORD, field)


def _address_word(value: object, field: str) -> bytes:
    return bytes(12) + parse_address(value, field)


def _uint_word(value: object, field: str) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(field, "整数ではありません。", "not an integer")
    if not 0 <= value < 1 << 256:
        raise _wrong(field, "0 以上 2^256 未満ではありません。", "not from 0 to 2^256 - 1")
    return value.to_bytes(WORD, "big")


def _string_word(value: object, field: str) -> bytes:
    if not isinstance(value, str) or _HALF_CHARACTER.search(value):
        raise _wrong(field, "文字列ではありません。", "not a text")
    return keccak256(value.encode())


_TO_WORD: dict[str, Callable[[object, str], bytes]] = {
    "address": _address_word,
    "uint256": _uint_word,
    "bytes32": parse_bytes32,
    "string": _string_word,
}


def _word_to_value(kind: str, word: bytes, field: str) -> bytes | int:
    if kind == "uint256":
        return int.from_bytes(word, "big")
    if kind != "address":
        return word
    if any(word[:12]):
        raise _wrong(
            field, "アドレスの前が 0 ではありません。", "the word of an address begins with 12 zeros"
        )
    return word[12:]


def _json_value(kind: str, value: object, field: str) -> str:
    if kind == "string":
        _string_word(value, field)
        return str(value)
    word = _TO_WORD[kind](value, field)
    if kind == "uint256":
        return str(int.from_bytes(word, "big"))
    return checksum_address(word[12:]) if kind == "address" else "0x" + word.hex()


@dataclass(frozen=True)
class Domain:
    """The one contract, on the one chain, that signatures are for."""

    name: str
    version: str
    chain_id: int
    verifying_contract: bytes

    @classmethod
    def for_municipality(cls, code: str, chain_id: int, contract: bytes | str) -> "Domain":
        """Make the domain of a municipality's contract, for example of 074071.

        Raises: InvalidInput, if the code is not six digits or the contract no address.
        """
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            raise _wrong("code", "市町村コードは 6 桁の数字です。", "a municipality code is six digits")
        return cls(f"BandaiCoin {code}", "1", chain_id, parse_address(contract, "contract"))

    @cached_property
    def separator(self) -> bytes:
        """The domain separator, 32 bytes."""
        return keccak256(
            _type_hash("EIP712Domain", _DOMAIN_FIELDS)
            + _string_word(self.name, "name")
            + _string_word(self.version, "version")
            + _uint_word(self.chain_id, "chainId")
            + _address_word(self.verifying_contract, "verifyingContract")
        )

    def as_json(self) -> dict[str, str | int]:
        """Give the domain as eth_signTypedData_v4 and `GET /v1/municipality` write it."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": checksum_address(self.verifying_contract),
        }


def _type_string(name: str, fields: tuple[tuple[str, str], ...]) -> str:
    return f"{name}({','.join(f'{kind} {field}' for kind, field in fields)})"


def _type_hash(name: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    return keccak256(_type_string(name, fields).encode())


@dataclass(frozen=True)
class MessageType:
    """One signed message: its name and its fields as (type, name), in the order that is signed."""

    name: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, type_string: str) -> "MessageType":
        """Read a type from the text that docs/formats.md §4 fixes."""
        name, _, inside = type_string.removesuffix(")").partition("(")
        fields = [field.split(" ") for field in inside.split(",")]
        return cls(name, tuple((kind, field) for kind, field in fields))

    @cached_property
    def type_string(self) -> str:
        """The text of `encodeType`."""
        return _type_string(self.name, self.fields)

    @cached_property
    def type_hash(self) -> bytes:
        """The keccak-256 of the type string."""
        return _type_hash(self.name, self.fields)

    @cached_property
    def size(self) -> int:
        """How many bytes the words of this message have."""
        return WORD * len(self.fields)

    def words(self, values: Mapping[str, object] | None = None, /, **named: object) -> bytes:
        """Write the fields as words; `from` may be given as `from_`.

        Shapes: addresses 20 bytes or 0x hex, bytes32 32 bytes or 0x hex, integers below 2^256, text.
        Raises: InvalidInput naming the first field that is missing, unknown or wrong.
        """
        given = self._complete({**(values or {}), **named})
        return b"".join(_TO_WORD[kind](given[field], field) for kind, field in self.fields)

    def parse(self, words: bytes) -> dict[str, bytes | int]:
        """Read words back: addresses as 20 bytes, integers, bytes32; a text stays the keccak that was signed.

        Raises: InvalidInput, if the length is not this type's or an address has a surplus byte.
        """
        if len(words) != self.size:
            raise _wrong("words", f"{self.size} バイトではありません。", f"not {self.size} bytes")
        return {
            field: _word_to_value(kind, words[WORD * i : WORD * (i + 1)], field)
            for i, (kind, field) in enumerate(self.fields)
        }

    def digest(self, domain: Domain, words: bytes) -> bytes:
        """Give the 32 bytes that are signed.

        Raises: InvalidInput, if the length of `words` is not this type's.
        """
        if len(words) != self.size:
            raise _wrong("words", f"{self.size} バイトではありません。", f"not {self.size} bytes")
        return keccak256(b"\x19\x01" + domain.separator + keccak256(self.type_hash + words))

    def typed_data(self, domain: Domain, values: Mapping[str, object]) -> dict[str, object]:
        """Give the JSON that any wallet signs with eth_signTypedData_v4; integers as decimal text."""
        given = self._complete(values)
        return {
            "types": {"EIP712Domain": _json_fields(_DOMAIN_FIELDS), self.name: _json_fields(self.fields)},
            "primaryType": self.name,
            "domain": domain.as_json(),
            "message": {field: _json_value(kind, given[field], field) for kind, field in self.fields},
        }

    def _complete(self, values: Mapping[str, object]) -> dict[str, object]:
        given = {key.removesuffix("_"): value for key, value in values.items()}
        known = {field for _, field in self.fields}
        for field in sorted(known.symmetric_difference(given)):
            if field in known:
                raise _wrong(field, "値がありません。", "missing")
            raise _wrong(field, "このメッセージにない項目です。", f"not a field of {self.name}")
        return given


def _json_fields(fields: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": field, "type": kind} for kind, field in fields]


_AUTHORIZATION = (
    "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
TRANSFER_WITH_AUTHORIZATION = MessageType.of("TransferWithAuthorization" + _AUTHORIZATION)
RECEIVE_WITH_AUTHORIZATION = MessageType.of("ReceiveWithAuthorization" + _AUTHORIZATION)
CANCEL_AUTHORIZATION = MessageType.of("CancelAuthorization(address authorizer,bytes32 nonce)")
TOP_UP = MessageType.of(
    "TopUp(address channel,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,bytes32 reference,uint256 nonce)"
)
REVERSAL = MessageType.of(
    "Reversal(bytes32 original,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,uint256 nonce)"
)
GRANT = MessageType.of("Grant(address holder,uint256 amount,uint256 expiry,bytes32 fund,uint256 nonce)")
SPEND_PERMIT = MessageType.of(
    "SpendPermit(address payer,address ticketKey,uint256 maxValue,uint256 validBefore,bytes32 nonce)"
)
TICKET_SPEND = MessageType.of("TicketSpend(bytes32 permit,address payee,uint256 amount)")
REFUND = MessageType.of(
    "Refund(bytes32 payment,address merchant,address payer,uint256 amount,uint256 expiry,uint256 nonce)"
)
REDEEM = MessageType.of("Redeem(address merchant,uint256 amount,bytes32 payout,uint256 nonce)")
ADVANCE = MessageType.of("Advance(address merchant,uint256 amount,bytes32 refund,uint256 nonce)")
FREEZE = MessageType.of("Freeze(address account,uint256 until,uint256 nonce)")
UNFREEZE = MessageType.of("Unfreeze(address account,uint256 nonce)")
RECOVER = MessageType.of("Recover(address from,address to,uint256 nonce)")
FORCED_TRANSFER = MessageType.of(
    "ForcedTransfer(address from,address to,uint256 amount,bytes32 reason,uint256 nonce)"
)
MERCHANT = MessageType.of("Merchant(address account,uint256 number,uint256 status,uint256 nonce)")
CALENDAR = MessageType.of("Calendar(uint256 lane,uint256 expiry,uint256 nonce)")
ROLE = MessageType.of("Role(address account,uint256 role,uint256 allowance,uint256 nonce)")
REQUEST_EXIT = MessageType.of("RequestExit(address holder,uint256 validBefore)")
LATE_BATCH = MessageType.of("LateBatch(uint256 batchNo,uint256 asOf)")
RECEIPT = MessageType.of(
    "Receipt(address merchant,string till,bytes32 checkout,bytes32 payment,uint256 amount,uint256 sequence,uint256 acceptedAtMs,bytes32 keyId)"
)
SESSION = MessageType.of(
    "Session(string audience,address wallet,bytes32 challenge,uint256 issuedAt,uint256 expiresAt)"
)

MESSAGE_TYPES = {
    message.name: message
    for message in (
        TRANSFER_WITH_AUTHORIZATION,
        RECEIVE_WITH_AUTHORIZATION,
        CANCEL_AUTHORIZATION,
        TOP_UP,
        REVERSAL,
        GRANT,
        SPEND_PERMIT,
        TICKET_SPEND,
        REFUND,
        REDEEM,
        ADVANCE,
        FREEZE,
        UNFREEZE,
        RECOVER,
        FORCED_TRANSFER,
        MERCHANT,
        CALENDAR,
        ROLE,
        REQUEST_EXIT,
        LATE_BATCH,
        RECEIPT,
        SESSION,
    )
}


def nonce_word(nonce: int) -> bytes:
    """Write a nonce, windowed or random, as the bytes32 that an authorization carries."""
    return _uint_word(nonce, "nonce")


def is_windowed(nonce: int) -> bool:
    """Tell whether a nonce stands in the payer's window (below 2^24) or in the table of random ones."""
    return nonce < WINDOWED_NONCES_END


def checkout_word(checkout: str | None) -> bytes:
    """Give the `checkout` of a receipt: the keccak-256 of its 26 characters, zero if there was none."""
    return ZERO_WORD if checkout is None else keccak256(checkout.encode("ascii"))


def key_id(address: bytes) -> bytes:
    """Give the `keyId` of a receipt: the keccak-256 of the receipt key's address."""
    return keccak256(parse_address(address))


def _refuse_twin(s: int) -> None:
    if s > HALF_CURVE_ORDER:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")


def _signature_size(signature: bytes) -> int:
    if len(signature) not in (64, 65):
        raise _wrong("signature", "署名は 64 か 65 バイトです。", "a signature has 64 or 65 bytes")
    return len(signature)


def to_65(signature: bytes) -> bytes:
    """Write a signature as r ‖ s ‖ v with v 27 or 28, from 64 (EIP-2098) or 65 bytes (v 0 or 1 too).

    Raises: InvalidInput on another length; Rejected (signature_invalid) on another v or a high s.
    Keeps:  I-07: one policy, low s only, on every path.
    Source: EIP-2098, EIP-2.
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

    Raises: as `to_65`.
    """
    full = to_65(signature)
    s = int.from_bytes(full[32:64], "big") | (full[64] - 27) << 255
    return full[:32] + s.to_bytes(32, "big")
