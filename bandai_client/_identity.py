"""What makes a town the one that was pinned: its code and name, its chain, its contract and the key of its receipts, never
its URL.

Decides what is said when they differ. An answer that is the same proves nothing: anybody can repeat what a gateway says
to all. So a URL comes from a person who has it from the town, and what is signed counts, wherever it came from.
"""

from bandai_client._answers import Town
from coin.errors import CoinError


def another_town(known: Town, answered: Town, url: str) -> CoinError:
    """Make the error of a gateway whose town is not the pinned one."""
    ja, en = differences(known, answered)
    return CoinError(
        f"{url} の町は、この端末に登録された{known.name}ではありません（違うもの: {ja}）。鍵やレジの登録は使っていません。"
        "町の窓口で、正しい URL を確かめてください。",
        f"The town at {url} is not the one that was pinned; what differs: {en}. No key and no credential was used. Ask the "
        "town for the right URL.",
        code="town_changed",
    )


def differences(known: Town, answered: Town) -> tuple[str, str]:
    """Name what differs between two towns, in Japanese and in English."""
    parts = (
        ("団体コード", "municipality", known.municipality, answered.municipality),
        ("町の名前", "name", known.name, answered.name),
        ("デモかどうか", "whether it is a demo", known.is_demo, answered.is_demo),
        ("チェーン", "chain", known.domain.chain_id, answered.domain.chain_id),
        (
            "コントラクト",
            "contract",
            known.domain.verifying_contract,
            answered.domain.verifying_contract,
        ),
        ("受領証の鍵", "receipts key", known.receipt_key, answered.receipt_key),
    )
    different = [(ja, en) for ja, en, before, now in parts if before != now]
    return "、".join(ja for ja, _ in different), ", ".join(en for _, en in different)
