"""Payments: checkouts, the one way in, receipts."""

from coin.payments.accept import Accepted, Authorization, Outcome, Part, Refused, Submission, accept
from coin.payments.receipts import Receipt, ReceiptSigner

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
