"""Names in SQL texts: `:{rung.NONCE_USED}` is replaced by the number that Python knows by that name.

Numbers are filled in as literals before PostgreSQL sees the text, so that its plans are the same as with bare numbers.
An unknown name is an error.
"""

import re
from collections.abc import Mapping

from coin import formats
from coin.errors import Rejection
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind

# The results of accept_run for an authorization that was accepted before; the others are numbers of the ladder.
SAME_AGAIN = -1
FOR_OTHER_CHECKOUT = -2

_NAME = re.compile(r":\{([^}]*)\}")
_NAMES: Mapping[str, str] = {
    **{f"rung.{rung.name}": str(rung.value) for rung in Rejection},
    **{f"kind.{kind.name}": str(kind.value) for kind in Kind},
    **{f"code.{code.name}": f"'{code.value}'" for code in JournalCode},
    **{f"format.{name}": str(value) for name, value in vars(formats).items() if isinstance(value, int)},
    "answer.SAME_AGAIN": str(SAME_AGAIN),
    "answer.FOR_OTHER_CHECKOUT": str(FOR_OTHER_CHECKOUT),
}


def filled_in(sql: str) -> str:
    """Return the text with every name replaced.

    Raises:  KeyError, if a name is not one of rung (the ladder), kind (of records), code (of the journal), format
             (coin.formats) or answer (of accept_run).
    """
    return _NAME.sub(lambda found: _NAMES[found[1]], sql)
