"""The grammar of a merchant-presented code: id, length and value, closed by a checksum.

Decides what a well-formed item is. Knows the meaning only of ids 00 (first) and 63 (last). Lengths count Unicode code
points; the checksum is over UTF-8 bytes.

Source:  EMVCo QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1, §3 and §4.7.2.
"""

from binascii import crc_hqx
from collections.abc import Iterable
from enum import Enum

from coin.errors import InvalidInput

FIRST_ITEM = "0002"
CRC_HEADER = "6304"
MAX_CHARACTERS = 512


class Fault(Enum):
    """Why a code is refused: its stable code, the Japanese sentence, the English one."""

    NOT_EMVCO = (
        "qr_not_emvco",
        "お支払い用の QR コードではありません。",
        "This is not a payment code (EMVCo).",
    )
    CRC_WRONG = (
        "qr_crc_wrong",
        "QR コードを正しく読み取れませんでした。もう一度読み取ってください。",
        "The checksum of the code is wrong; scan it again.",
    )
    MALFORMED = (
        "qr_malformed",
        "QR コードの内容が壊れています。お店の方にお知らせください。",
        "The content of the code is malformed; tell the shop.",
    )
    OTHER_SYSTEM = (
        "qr_other_system",
        "ばんだいコインの QR コードではありません。",
        "The code belongs to another payment system.",
    )
    CURRENCY_WRONG = (
        "qr_currency_wrong",
        "円でのお支払いの QR コードではありません。",
        "The code asks for a currency other than the yen.",
    )
    COUNTRY_WRONG = (
        "qr_country_wrong",
        "日本国内の QR コードではありません。",
        "The code belongs to a country other than Japan.",
    )
    AMOUNT_WRONG = (
        "qr_amount_wrong",
        "QR コードの金額が正しくありません。",
        "The amount in the code is not valid.",
    )
    CHECKOUT_WRONG = (
        "qr_checkout_wrong",
        "QR コードのお会計番号が正しくありません。",
        "The checkout id in the code is not valid.",
    )

    def error(self, field: str | None = None) -> InvalidInput:
        """Return the error for this fault; `field` is the id or the name of the item."""
        code, ja, en = self.value
        return InvalidInput(ja, en, field=field, code=code)


def crc(text: str) -> str:
    """Return CRC-16/CCITT-FALSE over the UTF-8 bytes of `text`, as four upper-case hexadecimal digits."""
    return f"{crc_hqx(text.encode(), 0xFFFF):04X}"


def item(tag: str, value: str) -> str:
    """Return one item as text.

    Raises:  InvalidInput, if the value is empty or longer than 99 characters.
    """
    if not 1 <= len(value) <= 99:
        raise InvalidInput(
            f"QR コードの項目 {tag} は 1 から 99 文字です。",
            f"item {tag} of a code has 1 to 99 characters",
            field=tag,
        )
    return f"{tag}{len(value):02d}{value}"


def seal(items: Iterable[str]) -> str:
    """Join items and append the checksum."""
    body = "".join(items) + CRC_HEADER
    return body + crc(body)


def read_items(text: str, within: str | None = None) -> dict[str, str]:
    """Split text into its items by id; `within` is the id of the template that contains it.

    Raises:  InvalidInput (qr_malformed), if it is not a sequence of items, or if an id is repeated.
    """
    items: dict[str, str] = {}
    place = 0
    while place < len(text):
        head, start = text[place : place + 4], place + 4
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise Fault.MALFORMED.error(within)
        tag, place = head[:2], start + int(head[2:])
        if tag in items or place == start or place > len(text):
            raise Fault.MALFORMED.error(within or tag)
        items[tag] = text[start:place]
    return items


def open_sealed(text: str) -> dict[str, str]:
    """Check the first item and the checksum of a code, and split it into its items.

    Raises:  InvalidInput (qr_not_emvco, qr_crc_wrong, qr_malformed).
    """
    if not text.startswith(FIRST_ITEM + "01") or len(text) > MAX_CHARACTERS or not _is_unicode(text):
        raise Fault.NOT_EMVCO.error("00")
    if text[-8:-4] != CRC_HEADER or text[-4:] != crc(text[:-4]):
        raise Fault.CRC_WRONG.error("63")
    items = read_items(text)
    # The last eight characters may look like the checksum but be the end of a longer value.
    if list(items.items())[-1] != ("63", text[-4:]):
        raise Fault.MALFORMED.error("63")
    return items


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
