"""Cancels a nonce: whatever was signed with it can never be carried out, and the town signs that it is so.

Source:  EIP-3009 (CancelAuthorization); docs/formats.md §4 (the receipt of a cancel).
"""

from bandai_client._errors import receipt_wrong
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._reading import take
from bandai_client._receipts import Receipt, verify_receipt
from coin import messages
from coin.messages import checksum_address, nonce_word


def cancel(gateway: Gateway, key: Key, nonce: int) -> None:
    """Use up a nonce of this key; doing it again changes nothing.

    Raises:  Rejected (nonce_used), if a payment has used it; CoinError (receipt_wrong), if the town did not sign it.
    """
    town = gateway.town
    message = messages.CancelAuthorization(authorizer=key.address, nonce=nonce_word(nonce))
    digest, signature = key.sign_message(town.domain, message)
    body = {
        "authorizer": checksum_address(key.address),
        "nonce": "0x" + nonce_word(nonce).hex(),
        "signature": "0x" + signature.hex(),
    }
    receipt = Receipt.read(take(gateway.post("/v1/payments/cancellations", body), "receipt", dict))
    if (receipt.payment, receipt.merchant, receipt.amount_yen, receipt.checkout) != (
        digest,
        key.address,
        0,
        None,
    ):
        raise receipt_wrong("payment")
    verify_receipt(town, receipt)
