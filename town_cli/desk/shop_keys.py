"""Keys for shops without their own: created and stored, encrypted, before the shops are registered, and deleted if that
fails."""

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from coin import core
from coin.errors import Unavailable
from coin.keyring import Keyring
from coin.keystore import list_keystore
from coin.merchant_file import MerchantRow
from coin.registry.books import Books
from coin.registry.merchants import all_merchants


@contextmanager
def shop_keys(
    open_books: Callable[[], AbstractContextManager[Books]],
    keyring: Keyring,
    passphrase: str,
    rows: Sequence[MerchantRow],
) -> Iterator[dict[int, bytes]]:
    """Create and store a key for each shop without an address; delete the keys if the shops are not registered.

    The keys are stored first, because a shop whose key is lost can never make a refund. For the same reason they are kept if
    the books have the shops in spite of the failure, or cannot be read.
    """
    missing = [row.number for row in rows if row.address is None]
    if not missing:
        yield {}
        return
    made = {f"{number:06d}": secrets.token_bytes(core.KEY_BYTES) for number in missing}
    name = f"merchants-{secrets.token_hex(4)}"
    addresses: dict[int, bytes] = {}
    try:
        keyring.write(name, made, passphrase)
        addresses |= {int(entry.name): entry.address for entry in list_keystore(keyring.keystore(name))}
        yield addresses
    except BaseException:
        if not _may_be_registered(open_books, addresses.values()):
            keyring.keystore(name).unlink(missing_ok=True)
        raise


def _may_be_registered(
    open_books: Callable[[], AbstractContextManager[Books]], addresses: Collection[bytes]
) -> bool:
    """Return whether one of these shops may be registered: the commit may have succeeded before the failure."""
    try:
        with open_books() as books:
            return any(shop.address in addresses for shop in all_merchants(books))
    except Unavailable:
        return True
