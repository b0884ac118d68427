"""The Python client of a town's gateway: for a wallet, a till, or your own program.

    with Gateway("https://coin.example.jp") as gateway:
        wallet = Wallet(gateway, Key.create())
        wallet.register()
        paid = wallet.pay(qr_text, approve=ask_the_payer)

`Gateway` is the connection to one town, `Wallet` pays with a `Key`, `Till` opens checkouts with a credential and takes each
`Receipt` once. Every answer is parsed strictly into a type; every error is one of `coin.errors` with a stable code. It knows
keys and HTTP only, prints nothing, and writes a file only where the caller names one (`ReceiptBook`). Everything that is not
exported here is private.
"""

from bandai_client._checkouts import Checkout, Merchant, Recent, ShopPayment
from bandai_client._errors import PaymentInDoubt
from bandai_client._gateway import Gateway, gateway_url
from bandai_client._holdings import Balance, Counterpart, Lot, Movement, PaymentStatus
from bandai_client._keys import Key, signer_of
from bandai_client._outstanding import Sent
from bandai_client._pairing import PairedTill, pair
from bandai_client._payment import Authorization, Paid, Part, submit_many
from bandai_client._reading import Json
from bandai_client._receipt_book import ReceiptBook
from bandai_client._receipts import Receipt, verify_receipt
from bandai_client._session import Session
from bandai_client._till import Till
from bandai_client._town import Town
from bandai_client._wallet import EarlierPaymentAccepted, Wallet
from bandai_client._watch import Told, Watch

__all__ = [
    "Authorization",
    "Balance",
    "Checkout",
    "Counterpart",
    "EarlierPaymentAccepted",
    "Gateway",
    "Json",
    "Key",
    "Lot",
    "Merchant",
    "Movement",
    "Paid",
    "PairedTill",
    "Part",
    "PaymentInDoubt",
    "PaymentStatus",
    "Receipt",
    "ReceiptBook",
    "Recent",
    "Sent",
    "Session",
    "ShopPayment",
    "Till",
    "Told",
    "Town",
    "Wallet",
    "Watch",
    "gateway_url",
    "pair",
    "signer_of",
    "submit_many",
    "verify_receipt",
]
