"""Pairing: exchanges the code that the town gave to the shop for a till's credential, once."""

import re
import unicodedata
from dataclasses import dataclass, field

from bandai_client._checkouts import Merchant
from bandai_client._gateway import Gateway
from bandai_client._reading import Json, take
from coin.errors import InvalidInput
from coin.messages import checksum_address

_CODE = re.compile("[0-9A-HJKMNP-TV-Z]{12}")
_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True)
class PairedTill:
    """The till that a device has become; its text never shows the credential."""

    till: str
    label: str
    shop: str
    shop_number: int
    shop_address: str
    credential: str = field(repr=False)

    @classmethod
    def read(cls, answer: Json) -> "PairedTill":
        """Read the answer to `POST /v1/tills/pairings`."""
        merchant = Merchant.read(take(answer, "merchant", dict))
        return cls(
            till=take(answer, "till", str),
            label=take(answer, "label", str),
            shop=merchant.name,
            shop_number=merchant.number,
            shop_address=checksum_address(merchant.address),
            credential=take(answer, "credential", str),
        )


def pair(gateway: Gateway, code: str) -> PairedTill:
    """Exchange the code that the town gave to the shop for a till's credential, once; spelling variants of the code are
    accepted.

    Raises:  InvalidInput (pairing_code_malformed); Unauthorized (pairing_code_invalid).
    """
    typed = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).upper().translate(_LOOKALIKES)
    if not _CODE.fullmatch(typed):
        raise InvalidInput(
            "ペアリングの番号は英数字12文字です（例 7Q4M-V0XH-2KTB）。",
            "A pairing code has 12 letters and digits, for example 7Q4M-V0XH-2KTB.",
            field="code",
            code="pairing_code_malformed",
        )
    gateway.demand_town()
    return PairedTill.read(gateway.post("/v1/tills/pairings", {"code": typed}, repeatable=False))
