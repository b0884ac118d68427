"""A shop's bank account, read by a person of the town: personal data, so the audit log says who looked."""

from coin.registry import audit
from coin.registry.books import Books
from coin.registry.personal import PersonalData
from coin.shop_facts import BANK_COLUMNS


def read_account(books: Books, personal: PersonalData, number: int, *, actor: str) -> dict[str, str]:
    """Return the bank account of a shop, without its salt, and note that it was read.

    Raises:  NotFound (`personal_data_unknown`); Forbidden (`personal_data_sealed`).
    """
    account = personal.get(books.connection, books.municipality_code, f"merchant:{number:06d}")
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action="read_bank_account",
        subject=f"merchant:{number:06d}",
    )
    return {column: text for column, text in account.items() if column in BANK_COLUMNS}
