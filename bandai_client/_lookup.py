"""Looks up what a QR code asks for, and checks the gateway's answer against the code.

Decides that a payer sees and pays exactly what the code says: this shop, this checkout, this amount (or the typed one).

Source:  docs/formats.md §5.
"""

from bandai_client._checkouts import Checkout
from bandai_client._session import Sessions
from bandai_client._town import Town
from coin.errors import InvalidInput, Rejected, Rejection
from coin.qr.text import Dynamic, Static, parse


def look_up(sessions: Sessions, town: Town, qr_text: str, amount_yen: int | None) -> Checkout:
    """Return the open checkout of a code. For a sticker, open one for `amount_yen`, which the payer typed.

    Raises:  InvalidInput, for a code that is not ours (see coin.qr), is of another municipality, or has no amount; Rejected
             (checkout_mismatch), if the gateway's answer differs from the code.
    """
    code = parse(qr_text)
    if code.municipality != town.municipality:
        raise InvalidInput(
            f"{town.name}の QR コードではありません。",
            "The code belongs to another municipality.",
            field="municipality",
            code="qr_other_municipality",
        )
    checkout = _checkout_of(sessions, code, amount_yen)
    _check(code, checkout, amount_yen)
    return checkout


def _checkout_of(sessions: Sessions, code: Static | Dynamic, amount_yen: int | None) -> Checkout:
    if isinstance(code, Dynamic):
        return Checkout.read(sessions.get(f"/v1/checkouts/{code.checkout}"))
    if amount_yen is None:
        raise InvalidInput(
            "このコードには金額がありません。支払う金額を入れてください。",
            "This code has no amount; the payer enters it.",
            field="amount",
            code="amount_missing",
        )
    return Checkout.read(
        sessions.post(f"/v1/merchants/{code.merchant_number}/checkouts", {"amount": amount_yen})
    )


def _check(code: Static | Dynamic, checkout: Checkout, amount_yen: int | None) -> None:
    expected_yen = code.amount_yen if isinstance(code, Dynamic) else amount_yen
    is_same = checkout.amount_yen == expected_yen and checkout.merchant.number == code.merchant_number
    is_own = not isinstance(code, Dynamic) or (
        checkout.id == code.checkout and amount_yen in (None, code.amount_yen)
    )
    if not (is_same and is_own):
        raise Rejected(Rejection.CHECKOUT_MISMATCH)
    if checkout.status == "paid":
        raise Rejected(Rejection.CHECKOUT_PAID)
    if checkout.status != "open":
        raise Rejected(Rejection.CHECKOUT_EXPIRED)
