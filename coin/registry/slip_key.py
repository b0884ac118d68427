"""The secret of a town under which the numbers of its slips become references.

It stands in the books, beside the references that it made, so that a backup has both or neither: under another key the same
slip would be charged twice. Hence it is made once and never replaced, and nothing makes up for a missing one. No process may
change it, the auditor's role cannot read it, and no command shows it.
"""

import secrets

from coin.database.database import Conn
from coin.errors import Unavailable
from coin.references import SLIP_KEY_BYTES


def create(connection: Conn, municipality_code: str) -> None:
    """Make the key of a new town."""
    connection.execute(
        "INSERT INTO slip_key (municipality, secret) VALUES (%s, %s)",
        [municipality_code, secrets.token_bytes(SLIP_KEY_BYTES)],
    )


def read(connection: Conn, municipality_code: str) -> bytes:
    """Return the key.

    Raises:  Unavailable (`slip_key_missing`).
    """
    row = connection.execute(
        "SELECT secret FROM slip_key WHERE municipality = %s", [municipality_code]
    ).fetchone()
    if row is None:
        raise Unavailable(
            "台帳に伝票番号の鍵がありません。台帳をバックアップから戻してください。新しい鍵では、同じ伝票を2度受け付けてしまいます。",
            "The books have lost the key of slip numbers; restore them from a backup. "
            "Under a new key the same slip would be charged twice.",
            code="slip_key_missing",
        )
    return bytes(row["secret"])
