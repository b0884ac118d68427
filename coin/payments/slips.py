"""What a shop writes on its checkouts: the number of its slip or order, which can hold a person's name.

It is personal data and stands with it, sealed (coin/registry/personal.py). It is in no log, in no stored answer, and not on
the chain; only tills of the shop are told it.
Keeps:   I-12.
"""

from collections.abc import Iterable

from coin.errors import InvalidInput
from coin.registry.books import Books
from coin.registry.personal import PersonalData

MAX_REFERENCE = 64
SUBJECT = "checkout:"
_FIELD = "reference"


def keep_reference(books: Books, personal: PersonalData, checkout: str, reference: str | None) -> None:
    """Keep what the shop wrote on a checkout.

    Raises:  InvalidInput naming `reference`.
    """
    if reference is None:
        return
    if not (1 <= len(reference) <= MAX_REFERENCE and reference.replace("\u3000", " ").isprintable()):
        raise InvalidInput(
            f"伝票番号は 1 から {MAX_REFERENCE} 文字です。",
            f"A reference has 1 to {MAX_REFERENCE} printable characters.",
            field=_FIELD,
        )
    personal.put(books.connection, books.municipality_code, SUBJECT + checkout, {_FIELD: reference})


def references_of(books: Books, personal: PersonalData, checkouts: Iterable[str]) -> dict[str, str]:
    """Return what the shop wrote, by checkout; checkouts without are left out."""
    subjects = [SUBJECT + checkout for checkout in checkouts]
    found = personal.readable(books.connection, books.municipality_code, subjects)
    return {subject.removeprefix(SUBJECT): facts[_FIELD] for subject, facts in found.items()}
