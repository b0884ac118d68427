"""The town that a gateway serves: the domain of signatures, the receipts key, and the comparison with the pinned town.

A town is identified by its code and name, its chain, its contract and its receipts key, never by its URL. An equal answer
proves nothing, because these facts are public and anybody can repeat them. So a person types a URL that the town has
announced, compares the fingerprint with paper, and only signatures are trusted.
"""

from dataclasses import dataclass

from bandai_client._errors import answer_wrong
from bandai_client._reading import Json, take
from coin.errors import CoinError
from coin.messages import Domain, checksum_address, parse_address, town_fingerprint


@dataclass(frozen=True)
class Town:
    """The municipality that a gateway serves: the domain of its signatures, and its receipts key."""

    municipality: str
    name: str
    is_demo: bool
    domain: Domain
    receipt_key: bytes

    @classmethod
    def read(cls, answer: Json) -> "Town":
        """Read `GET /v1/municipality`; the domain must belong to this municipality."""
        municipality = take(answer, "municipality", str)
        stated = take(answer, "domain", dict)
        domain = Domain.for_municipality(
            municipality, take(stated, "chainId", int), take(stated, "verifyingContract", str)
        )
        if (stated.get("name"), stated.get("version")) != (domain.name, domain.version):
            raise answer_wrong("domain")
        receipt_key = take(take(answer, "receipt_key", dict), "address", str)
        return cls(
            municipality=municipality,
            name=take(answer, "name", str),
            is_demo=take(answer, "is_demo", bool),
            domain=domain,
            receipt_key=parse_address(receipt_key, "receipt_key"),
        )

    @property
    def fingerprint(self) -> str:
        """What a person compares with paper before this town is believed for the first time."""
        return town_fingerprint(self.domain, self.receipt_key)

    @property
    def audience(self) -> str:
        """The audience of a session: the town's contract, as CAIP-10 writes it."""
        return f"eip155:{self.domain.chain_id}:{checksum_address(self.domain.verifying_contract)}"

    def differences(self, answered: "Town") -> tuple[str, str]:
        """Name the differences to another answer, in Japanese and in English."""
        parts = (
            ("団体コード", "municipality", self.municipality, answered.municipality),
            ("町の名前", "name", self.name, answered.name),
            ("デモかどうか", "whether it is a demo", self.is_demo, answered.is_demo),
            ("チェーン", "chain", self.domain.chain_id, answered.domain.chain_id),
            (
                "コントラクト",
                "contract",
                self.domain.verifying_contract,
                answered.domain.verifying_contract,
            ),
            ("受領証の鍵", "receipts key", self.receipt_key, answered.receipt_key),
        )
        different = [(ja, en) for ja, en, before, now in parts if before != now]
        return "、".join(ja for ja, _ in different), ", ".join(en for _, en in different)


def another_town(known: Town, answered: Town, url: str) -> CoinError:
    """Return the error for a gateway that does not serve the pinned town."""
    ja, en = known.differences(answered)
    return CoinError(
        f"{url} の町は、この端末に登録された{known.name}ではありません（違うもの: {ja}）。鍵やレジの登録は使っていません。"
        "町の窓口で、正しい URL を確かめてください。",
        f"The town at {url} is not the one that was pinned; what differs: {en}. No key and no credential was used. Ask the "
        "town for the right URL.",
        code="town_changed",
    )
