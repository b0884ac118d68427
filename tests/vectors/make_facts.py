"""Make facts.json: the hashes of two shops' facts, one with a bank account and one without.

Run from the repository's root: python tests/vectors/make_facts.py
Checked by: the keccak-256 of eth-hash (pycryptodome), over bytes put together from docs/formats.md alone, in
tests/references/test_the_hash_of_facts.py.
"""

import json
from pathlib import Path

from coin.core import keccak256
from coin.shop_facts import NO_BANK_HASH, bank_hash, facts_hash

TARGET = Path(__file__).with_name("facts.json")
SALT = keccak256(b"the salt of a test vector")
ACCOUNT = {
    "bank_code": "0126",
    "bank_name": "東邦",
    "branch_code": "001",
    "branch_name": "本店",
    "account_type": "1",
    "account_number": "0012345",
    "holder_kana": "ﾊﾞﾝﾀﾞｲﾊﾟﾝ",
}
SHOPS = (
    {"name": "ばんだいパン", "name_romaji": "BANDAI BREAD", "city_romaji": "BANDAI", "category": "5462"},
    {"name": "朝市", "name_romaji": "ASAICHI", "city_romaji": "BANDAI", "category": "5411"},
)


def facts() -> dict[str, object]:
    """Give the whole file."""
    hashes = (bank_hash(SALT, ACCOUNT), NO_BANK_HASH)
    return {
        "made_by": "tests/vectors/make_facts.py",
        "checked_by": "eth-hash, tests/references/test_the_hash_of_facts.py",
        "salt": "0x" + SALT.hex(),
        "account": ACCOUNT,
        "shops": [
            {**shop, "bank": "0x" + bank.hex(), "facts": "0x" + facts_hash(**shop, bank=bank).hex()}
            for shop, bank in zip(SHOPS, hashes, strict=True)
        ],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(facts(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
