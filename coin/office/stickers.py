"""The sheets that shops put up, each with the shop's static code, the help desk, the gateway and the town's fingerprint."""

from collections.abc import Sequence

from coin.messages import town_fingerprint
from coin.qr.sticker import Sticker
from coin.qr.text import Static
from coin.registry.books import Books
from coin.registry.merchants import Merchant, all_merchants, by_number
from coin.registry.municipality import Municipality

_LONGEST_NAME = 25  # docs/formats.md §5


def sheets(books: Books, numbers: Sequence[int], gateway: str) -> list[Sticker]:
    """Return the sheets of these shops; without numbers, of every open shop. `gateway` is the address that wallets are given.

    Raises:  NotFound (`merchant_unknown`).
    """
    if numbers:
        shops = [by_number(books, number) for number in numbers]
    else:
        shops = [shop for shop in all_merchants(books) if shop.is_open]
    return [_sheet(books.municipality, shop, gateway) for shop in shops]


def _sheet(municipality: Municipality, shop: Merchant, gateway: str) -> Sticker:
    code = Static(
        municipality=municipality.code,
        merchant_number=shop.number,
        sticker_version=shop.sticker_version,
        name=shop.name_romaji,
        city=shop.city_romaji,
        category=shop.category,
        name_ja=shop.name[:_LONGEST_NAME],
    )
    rules = municipality.program
    return Sticker(
        code,
        shop.name,
        rules.municipality.name_ja,
        rules.help_desk.phone,
        hours=rules.help_desk.hours_ja,
        gateway=gateway,
        fingerprint=town_fingerprint(municipality.domain, municipality.receipt_key),
    )
