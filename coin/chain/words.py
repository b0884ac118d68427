"""The contract's stored words as values (docs/formats.md §1), and an account's live value at a second.

Pure: bits in, fields out. The rule for stale lanes is here, once for all readers of the chain.
"""

from dataclasses import dataclass

from coin.formats import HOLDER_WINDOW, SIGNER_WINDOW

LANES = 4


def bits(word: int, at: int, width: int) -> int:
    """Return the field of `width` bits that begins at bit `at`."""
    return (word >> at) & ((1 << width) - 1)


@dataclass(frozen=True)
class CalendarWord:
    """The dates of the four lanes: expiries (0: empty), the versions that replaced them, their order, the version."""

    expiries: tuple[int, ...]
    replaced_at: tuple[int, ...]
    order: tuple[int, ...]
    version: int

    @classmethod
    def of(cls, word: int) -> "CalendarWord":
        """Decode the calendar's word."""
        return cls(
            expiries=tuple(bits(word, 40 * lane, 40) for lane in range(LANES)),
            replaced_at=tuple(bits(word, 160 + 12 * lane, 12) for lane in range(LANES)),
            order=tuple(bits(word, 208 + 2 * rank, 2) for rank in range(LANES)),
            version=bits(word, 216, 12),
        )


@dataclass(frozen=True)
class AccountWord:
    """A holder's lanes as stored, flags, and nonce window."""

    lanes: tuple[int, ...]
    version: int
    is_frozen: bool
    is_exiting: bool
    is_closed: bool
    is_merchant: bool
    nonce_base: int
    nonce_map: int

    @classmethod
    def of(cls, word: int) -> "AccountWord":
        """Decode an account word."""
        return cls(
            lanes=tuple(bits(word, 24 * lane, 24) for lane in range(LANES)),
            version=bits(word, 96, 12),
            is_frozen=bool(bits(word, 108, 1)),
            is_exiting=bool(bits(word, 109, 1)),
            is_closed=bool(bits(word, 110, 1)),
            is_merchant=bool(bits(word, 111, 1)),
            nonce_base=bits(word, 112, 24),
            nonce_map=bits(word, 136, HOLDER_WINDOW),
        )

    def by_expiry(self, calendar: CalendarWord) -> dict[int, int]:
        """Return the amounts by expiry date; lanes replaced after the account's version count as empty."""
        return {
            calendar.expiries[lane]: amount
            for lane, amount in enumerate(self.lanes)
            if amount and calendar.replaced_at[lane] <= self.version
        }

    def live(self, calendar: CalendarWord, at_s: int) -> int:
        """Return the amount that can be spent at a second."""
        return sum(amount for expiry, amount in self.by_expiry(calendar).items() if expiry > at_s)


@dataclass(frozen=True)
class MerchantWord:
    """A merchant's redeemable balance, nonce window, and registration; number 0: never registered."""

    balance: int
    nonce_base: int
    nonce_map: int
    is_registered: bool
    is_closed: bool
    number: int

    @classmethod
    def of(cls, word: int) -> "MerchantWord":
        """Decode a merchant word."""
        return cls(
            balance=bits(word, 0, 64),
            nonce_base=bits(word, 64, 32),
            nonce_map=bits(word, 96, SIGNER_WINDOW),
            is_registered=bool(bits(word, 224, 1)),
            is_closed=bool(bits(word, 225, 1)),
            number=bits(word, 236, 20),
        )


@dataclass(frozen=True)
class SignerWord:
    """A signer's nonce window, role (0: none) and allowance."""

    nonce_base: int
    nonce_map: int
    role: int
    allowance: int

    @classmethod
    def of(cls, word: int) -> "SignerWord":
        """Decode a signer word."""
        return cls(bits(word, 0, 32), bits(word, 32, SIGNER_WINDOW), bits(word, 160, 8), bits(word, 168, 64))


@dataclass(frozen=True)
class DateWord:
    """The amounts held and expired under an expiry date, and whether the date was ever opened."""

    held: int
    expired: int
    is_opened: bool

    @classmethod
    def of(cls, word: int) -> "DateWord":
        """Decode a date word."""
        return cls(bits(word, 0, 64), bits(word, 64, 64), bool(bits(word, 128, 1)))


@dataclass(frozen=True)
class PeriodWord:
    """The open period: cap, issued so far, first JST day number (0: no period was opened); and the number of staff."""

    cap: int
    issued: int
    first_day: int
    staff: int

    @classmethod
    def of(cls, word: int) -> "PeriodWord":
        """Decode the period's word."""
        return cls(bits(word, 0, 64), bits(word, 64, 64), bits(word, 128, 24), bits(word, 152, 32))


@dataclass(frozen=True)
class OfficeWords:
    """Settler and pauser, the end of the last pause, and how often two staff have changed them."""

    settler: bytes
    pauser: bytes
    paused_until_s: int
    change: int

    @classmethod
    def of(cls, settler: int, pauser: int) -> "OfficeWords":
        """Decode the two words."""
        by, stopper = (bits(word, 0, 160).to_bytes(20, "big") for word in (settler, pauser))
        return cls(by, stopper, bits(pauser, 160, 40), bits(settler, 160, 32))


@dataclass(frozen=True)
class JournalWord:
    """The progress of the chain: last asOf, last batch, next sequence; and the total that merchants hold."""

    last_as_of_s: int
    batch_no: int
    next_sequence: int
    merchants_total: int

    @classmethod
    def of(cls, word: int) -> "JournalWord":
        """Decode the journal's word."""
        return cls(bits(word, 0, 40), bits(word, 40, 32), bits(word, 72, 64), bits(word, 136, 64))
