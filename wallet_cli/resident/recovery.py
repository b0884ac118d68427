"""Recovery words: creates them, and parses what a person types.

Decides what a typed word means. An error names the number of a wrong word on the sheet, never the word itself.

Keeps:   I-12 (no secret in a log or an error).
Source:  BIP-39 and BIP-44 (through eth-account, loaded only when words are used).
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from bandai_client import Key
from coin.errors import InvalidInput
from coin.secret_text import secret_form

WORD_COUNT = 12
_COUNTS = (12, 15, 18, 21, 24)  # ours have 12; the words of other wallets are accepted too
_TO_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_BETWEEN_WORDS = re.compile(r"[0-9.,:（）、。・]+")  # people may type the numbers of the sheet too


class WordList(StrEnum):
    """The languages of new recovery words."""

    JAPANESE = "japanese"
    ENGLISH = "english"


def new_recovery_words(language: WordList = WordList.ENGLISH) -> str:
    """Create twelve recovery words (BIP-39) in a language; Japanese ones are hiragana, for people who read no Latin
    letters."""
    # eth-account is slow to load, so it is loaded only when words are used.
    from eth_account import Account
    from eth_account.types import Language

    Account.enable_unaudited_hdwallet_features()
    _, words = Account.create_with_mnemonic(num_words=WORD_COUNT, language=Language(language))
    return unicodedata.normalize("NFC", str(words))


def key_from_words(words: str, index: int = 0) -> Key:
    """Derive key number `index` from recovery words in any BIP-39 language, at m/44'/60'/0'/0/index.

    Raises:  InvalidInput (recovery_words_wrong), if a word, the number of words or the checksum is wrong; the error says
             which.
    """
    from eth_account import Account
    from eth_utils.exceptions import ValidationError

    Account.enable_unaudited_hdwallet_features()
    split = split_words(words)
    try:
        account = Account.from_mnemonic(" ".join(split), account_path=f"m/44'/60'/0'/0/{index}")
    except (ValidationError, ValueError, LookupError):
        ja, en = _what_is_wrong(split)
        raise InvalidInput(ja, en, field="words", code="recovery_words_wrong") from None
    return Key(bytes(account.key))


def split_words(typed: str) -> list[str]:
    """Return the words as BIP-39 writes them. Accepts capitals, any spaces, katakana, and a numbered or comma-separated
    list.
    """
    plain = unicodedata.normalize("NFKD", secret_form(typed)).lower().translate(_TO_HIRAGANA)
    return _BETWEEN_WORDS.sub(" ", plain).split()


def unlisted_places(words: Sequence[str]) -> list[int]:
    """Return the positions, from 1, of the words that are not in the word list of the language that most words belong to."""
    from eth_account.hdaccount.mnemonic import Mnemonic
    from eth_account.types import Language

    lists = (Mnemonic(language).wordlist for language in Language)
    missing = ([place for place, word in enumerate(words, 1) if word not in known] for known in lists)
    return min(missing, key=len)


def _what_is_wrong(words: Sequence[str]) -> tuple[str, str]:
    if len(words) not in _COUNTS:
        return (
            f"復元の言葉は {WORD_COUNT} 語です（いま {len(words)} 語）。紙の番号の順に、すべて打ってください。",
            f"There are {WORD_COUNT} recovery words, not {len(words)}; type all of them, in the order of the sheet.",
        )
    places = unlisted_places(words)
    if not places:
        return (
            "言葉はどれも一覧にありますが、組み合わせが正しくありません。順番か、どれかの言葉が紙と違います。",
            "Each word is in the list, but together they are wrong: the order or one of the words differs from the sheet.",
        )
    if len(places) == len(words):
        return (
            "どの言葉も一覧にありません。紙の言葉のつづりのまま（ひらがなか英語で）打ってください。",
            "None of the words is in a list; type them as they are on the sheet.",
        )
    named = "、".join(map(str, places))
    return (
        f"一覧にない言葉があります: {named}番目。紙のつづりと見くらべてください。",
        f"Not in the list: word {', '.join(map(str, places))}; compare the spelling with the sheet.",
    )
