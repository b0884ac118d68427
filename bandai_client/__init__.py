"""The wallet's library in one place: what a program that pays, or that is paid, imports."""

from bandai_client._answers import Balance, Checkout, Lot, Merchant, Receipt, Town
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._payment import Authorization, Paid, submit_many
from bandai_client._receipts import ReceiptBook
from bandai_client._till import Till, pair
from bandai_client._wallet import Wallet

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
