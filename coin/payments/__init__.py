"""Payments: checkouts, the one way in, receipts."""

from coin.payments.accept import accept
from coin.payments.outcomes import Accepted, Outcome, Part, Refused
from coin.payments.receipts import Receipt, ReceiptSigner
from coin.payments.submissions import Authorization, Submission

__all__ = [
    "Accepted",
    "Authorization",
    "Outcome",
    "Part",
    "Receipt",
    "ReceiptSigner",
    "Refused",
    "Submission",
    "accept",
]
