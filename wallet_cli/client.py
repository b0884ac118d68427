"""The wallet's library in one place: what a program that pays, or that is paid, imports."""

from wallet_cli.answers import Balance, Checkout, Lot, Merchant, Receipt, Town
from wallet_cli.gateway import Gateway
from wallet_cli.keys import Key
from wallet_cli.payment import Authorization, Paid, submit_many
from wallet_cli.receipts import ReceiptBook
from wallet_cli.till import Till, pair
from wallet_cli.wallet import Wallet

__all__ = [
    "Authorization",
    "Balance",
    "Checkout",
    "Gateway",
    "Key",
    "Lot",
    "Merchant",
    "Paid",
    "Receipt",
    "ReceiptBook",
    "Till",
    "Town",
    "Wallet",
    "pair",
    "submit_many",
]
