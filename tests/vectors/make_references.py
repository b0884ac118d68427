"""Make references.json: the references of slips under a published test key, and of payouts.

Run from the repository's root: python tests/vectors/make_references.py
Checked by: tests/references/hmac_by_hand.py, which builds HMAC from RFC 2104 and SHA-256; RFC 4231 checks it in turn.
"""

import json
from pathlib import Path

from coin.references import payout_reference, slip_reference

TARGET = Path(__file__).parent / "references.json"
TEST_KEY = bytes(range(32))  # published here: no town's
SLIPS = ("17", "１７", " 伝票１７\u3000", "伝票17", "№ １７  甲", "ﾃﾞﾝﾋﾟｮｳ-1", "A" * 100)
PAYOUTS = (("2022-08", 1), ("2022-08", 999_999), ("八月分", 12))


def vectors() -> dict[str, object]:
    """Everything that stands in the file."""
    return {
        "made_by": "tests/vectors/make_references.py",
        "checked_by": "tests/references/hmac_by_hand.py, from RFC 2104 and docs/formats.md alone",
        "slip_key": "0x" + TEST_KEY.hex(),
        "slips": [
            {"typed": slip, "reference": "0x" + slip_reference(TEST_KEY, slip).hex()} for slip in SLIPS
        ],
        "payouts": [
            {"payout": name, "merchant": number, "reference": "0x" + payout_reference(name, number).hex()}
            for name, number in PAYOUTS
        ],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
