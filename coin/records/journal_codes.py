"""What a line of the journal is: the codes, each once. The CHECK of `journal.code` holds the column to them.

A code says why value moved, the line's two accounts say from where to where. One record may write lines of two codes.
"""

from enum import StrEnum


class JournalCode(StrEnum):
    """Why a line of the journal was written; debited account → credited account.

    Figures go by it: what a shop redeemed, what a date lost, what a fund gave. A line that ends value is an EXPIRY,
    also in an operation whose other lines are something else, so that nothing is counted as spent that came back.
    """

    TOP_UP = "top_up"  # cash → holder: coins that were paid for
    BONUS = "bonus"  # point_expense → holder: the points that come with a charge
    PAYMENT = "payment"  # holder → merchant
    SEND = "send"  # holder → holder
    REDEEM = "redeem"  # merchant → payout: burnt, to be paid out in yen
    EXPIRY = "expiry"  # holder → expired_income (coins) or point_expense (points): every yen that ends, and no other

    # Of the kinds that later releases carry out.
    REVERSAL = "reversal"  # holder → cash or point_expense: a charge or a grant that was wrong
    GRANT = "grant"  # point_expense → holder: points without a charge
    TICKET = "ticket"  # holder → merchant: a payment by a ticket
    REFUND = (
        "refund"  # merchant → holder: back to the lots that paid; of one that has ended, an EXPIRY follows
    )
    ADVANCE = "advance"  # what the shop owes → merchant: so that it can refund more than it holds
    RECOVER = "recover"  # holder → holder: from a lost wallet to its successor
    FORCED_TRANSFER = "forced_transfer"  # holder → holder or merchant, by two staff
