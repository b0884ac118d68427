"""Waits for the payment of one checkout, across network failures."""

import re
import time
import unicodedata
from collections.abc import Callable

from bandai_client import Checkout, Gateway, Receipt, Till
from coin.errors import InvalidInput, TooManyRequests, Unavailable

_AGAIN_S = 3.0
_LAST_CHANCE_MS = 30_000


def wait_patiently(
    till: Till, gateway: Gateway, checkout: Checkout, tell: Callable[[], None]
) -> Receipt | None:
    """Wait until some time after the checkout has expired; `tell` is called once, when the connection is lost.

    Returns: as `Till.wait_until_paid`.
    Raises:  as `Till.take`; Unavailable or TooManyRequests, if the gateway still does not answer at the end.
    """
    is_told = False
    while True:
        try:
            return till.wait_until_paid(checkout)
        except (Unavailable, TooManyRequests):
            if gateway.now_ms() > checkout.deadline_ms + _LAST_CHANCE_MS:
                raise
            if not is_told:
                tell()
                is_told = True
            time.sleep(_AGAIN_S)


def read_checkout_id(typed: str) -> str:
    """Normalize the id of a checkout as it was typed: in any case, in full width, with spaces or hyphens.

    Raises:  InvalidInput (checkout_id_malformed).
    """
    meant = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not re.fullmatch("[0-9A-Z]{26}", meant):
        raise InvalidInput(
            "お会計の番号は英数字26文字です。bandai-till recent で確かめてください。",
            "The id of a checkout has 26 letters and digits; bandai-till recent shows it.",
            field="checkout",
            code="checkout_id_malformed",
        )
    return meant
