"""What a command's exit number means; the one table from errors to numbers.

0  done                         5  not found
1  differences or open items    6  not allowed, or a wrong passphrase
2  wrong use of the command     7  conflicts with what is there
3  wrong input                  8  a part does not answer; try later
4  refused by a rule            9  any other error that is named
"""

from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Unauthorized,
    Unavailable,
)

DIFFERENCES = 1
_OTHER = 9
_NUMBERS: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 3),
    (Rejected, 4),
    (NotFound, 5),
    (Unauthorized, 6),
    (Forbidden, 6),
    (Conflict, 7),
    (Unavailable, 8),
)


def exit_number(error: CoinError) -> int:
    """The number with which a command ends that met this error."""
    return next((number for kind, number in _NUMBERS if isinstance(error, kind)), _OTHER)
