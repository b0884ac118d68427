"""Payments: checkouts, accepting what payers sign, and the progress of payments."""

from coin.payments.accept import accept
from coin.payments.outcomes import Accepted, Outcome, PaidPart, Refused
from coin.payments.submissions import Authorization, Submission
from coin.receipts import Receipt, ReceiptSigner

__all__ = [
    "Accepted",
    "Authorization",
    "Outcome",
    "PaidPart",
    "Receipt",
    "ReceiptSigner",
    "Refused",
    "Submission",
    "accept",
]
