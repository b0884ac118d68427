"""Schemas that several routes share; the schemas of a single route are in its file in `routes/`.

Requests are strict: no unknown field, and no number written as text, as a float or as a boolean.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from coin.formats import MAX_LANE_YEN, TIMES_END_S
from coin.program import LotKind

_UINT256_END = 1 << 256

Address = Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{40}$")]
Bytes32 = Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{64}$")]
SignatureText = Annotated[str, StringConstraints(pattern="^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$")]
CHECKOUT_ID = "^[0-9A-HJKMNP-TV-Z]{26}$"
CheckoutId = Annotated[str, StringConstraints(pattern=CHECKOUT_ID)]
Amount = Annotated[int, Field(ge=1, le=MAX_LANE_YEN, description="whole yen")]
Seconds = Annotated[int, Field(ge=0, lt=TIMES_END_S, description="seconds since 1970-01-01T00:00Z")]
Uint256 = Annotated[int, Field(ge=0, lt=_UINT256_END)]
Milliseconds = Annotated[int, Field(description="milliseconds since 1970-01-01T00:00Z")]


class RequestBody(BaseModel):
    """Base of every request body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AnswerBody(BaseModel):
    """Base of every answer body."""

    model_config = ConfigDict(extra="forbid")


class MerchantAnswer(AnswerBody):
    """A shop as it is registered."""

    number: int
    name: str
    name_romaji: str
    address: str
    category: str


class ReceiptAnswer(AnswerBody):
    """The issuer's signed promise; `till` is empty if no till opened the checkout."""

    merchant: str
    till: str
    checkout: str | None
    payment: str
    amount: int
    sequence: int
    accepted_at_ms: Milliseconds
    key_id: str
    signature: str


class PartAnswer(AnswerBody):
    """How much was paid in coins or in points."""

    kind: LotKind
    amount: int
