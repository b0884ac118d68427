"""One key of a wallet: its address, its signature over a digest, and who signed a digest.

Decides nothing about what may be signed. A key never shows its secret in text.

Keeps:  I-07 (one policy of signatures); I-12 (no secret in a log or an error).
Source: SEC 1 v2 §4.1, RFC 6979, BIP-39 and BIP-44 (through eth-account, loaded only when words are used).
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from coin import core
from coin.errors import InvalidInput, MalformedBatch, Rejected, Rejection
from coin.messages import Domain, MessageType, checksum_address, to_65

WORD_COUNT = 12
_TO_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_BETWEEN_WORDS = re.compile(r"[0-9.,:)、。・]+")  # the sheet numbers the words, and so does who copies it


class WordList(StrEnum):
    """The languages in which we make recovery words."""

    JAPANESE = "japanese"
    ENGLISH = "english"


@dataclass(frozen=True)
class Key:
    """A secret of 32 bytes and the address that people know it by."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            core.addresses(self.secret)
        except MalformedBatch:
            raise InvalidInput(
                "鍵の形が正しくありません。", "This is not a secp256k1 key.", field="key"
            ) from None
        if len(self.secret) != core.KEY_BYTES:
            raise InvalidInput("鍵は 32 バイトです。", "A key has 32 bytes.", field="key")

    @classmethod
    def create(cls) -> "Key":
        """Make a new key from the machine's randomness."""
        # A draw outside 1 … n-1 has a chance of 2^-128 and would be refused, never used.
        return cls(secrets.token_bytes(core.KEY_BYTES))

    @cached_property
    def address(self) -> bytes:
        """The 20 bytes of this key's address."""
        return core.addresses(self.secret)

    def sign(self, digest: bytes) -> bytes:
        """Sign 32 bytes: r ‖ s ‖ v, low s, v 27 or 28."""
        return core.sign(self.secret, digest)

    def sign_message(self, domain: Domain, message: MessageType, **values: object) -> tuple[bytes, bytes]:
        """Give (digest, signature) of a message whose fields are `values`.

        Raises: InvalidInput naming a wrong field.
        """
        digest = message.digest(domain, message.words(values))
        return digest, self.sign(digest)

    def __str__(self) -> str:
        return checksum_address(self.address)


def signer_of(digest: bytes, signature: bytes) -> bytes:
    """Give the address that signed a digest.

    Raises: Rejected (signature_invalid), if nobody can have; InvalidInput on another length.
    """
    [signer] = core.recover(digest, to_65(signature))
    if signer is None:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    return signer


def new_recovery_words(language: WordList = WordList.ENGLISH) -> str:
    """Make twelve recovery words (BIP-39) in a language; Japanese ones are hiragana, for people who read no Latin."""
    # eth-account takes long to load: only who uses words pays for it.
    from eth_account import Account
    from eth_account.types import Language

    Account.enable_unaudited_hdwallet_features()
    _, words = Account.create_with_mnemonic(num_words=WORD_COUNT, language=Language(language))
    return unicodedata.normalize("NFC", str(words))


def key_from_words(words: str, index: int = 0) -> Key:
    """Derive the key number `index` from recovery words of any BIP-39 language, at m/44'/60'/0'/0/index.

    Capitals, spaces of any kind, katakana and the numbers and commas of a list are taken as what was meant.
    Raises: InvalidInput (recovery_words_wrong), if a word or the checksum is wrong.
    """
    from eth_account import Account
    from eth_utils.exceptions import ValidationError

    Account.enable_unaudited_hdwallet_features()
    typed = unicodedata.normalize("NFKD", words).lower().translate(_TO_HIRAGANA)
    plain = " ".join(_BETWEEN_WORDS.sub(" ", typed).split())
    try:
        account = Account.from_mnemonic(plain, account_path=f"m/44'/60'/0'/0/{index}")
    except (ValidationError, ValueError, LookupError):
        raise InvalidInput(
            "復元の言葉が正しくありません。つづりと順番を確かめてください。",
            "The recovery words are not valid; check spelling and order.",
            field="words",
            code="recovery_words_wrong",
        ) from None
    return Key(bytes(account.key))
