"""The journal codes: why value moved. The CHECK of `journal.code` allows only these.

A journal line has a code and two accounts, from and to. One record may write lines with two codes.
"""

from enum import StrEnum


class JournalCode(StrEnum):
    """Why a line of the journal was written; debited account → credited account.

    Figures are computed by code: what a shop redeemed, what expired, what a fund gave. Every line that expires value is an
    EXPIRY, also in an operation with other codes, so that expired value is never counted as spent.
    """

    TOP_UP = "top_up"  # cash → holder: charged coins
    BONUS = "bonus"  # point_expense → holder: the bonus points of a charge
    PAYMENT = "payment"  # holder → merchant
    SEND = "send"  # holder → holder
    REDEEM = "redeem"  # merchant → payout: burnt, to be paid out in yen
    EXPIRY = "expiry"  # holder → expired_income (coins) or point_expense (points): all expired value, and nothing else

    # For kinds of later releases.
    REVERSAL = "reversal"  # holder → cash or point_expense: reverses a charge or a grant
    GRANT = "grant"  # point_expense → holder: points without a charge
    TICKET = "ticket"  # holder → merchant: a payment by a ticket
    REFUND = "refund"  # merchant → holder: back to the lots that paid; an EXPIRY follows for expired ones
    ADVANCE = "advance"  # the shop's debt → merchant: so that it can refund more than it has
    RECOVER = "recover"  # holder → holder: from a lost wallet to its successor
    FORCED_TRANSFER = "forced_transfer"  # holder → holder or merchant, by two staff
