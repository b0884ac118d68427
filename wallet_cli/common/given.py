"""Secrets that a program passes to a command: in an environment variable, or in a file that a variable names."""

import os
from pathlib import Path

from coin.errors import InvalidInput


def given_secret(variable: str) -> str | None:
    """Return the value of a variable, or the content of the file that `<variable>_FILE` names, or None if neither is set.

    It is not a command-line option, because every user of a machine can read those.
    Raises:  InvalidInput (secret_file_unreadable).
    """
    if given := os.environ.get(variable):
        return given
    file = os.environ.get(f"{variable}_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        raise InvalidInput(
            f"{variable}_FILE のファイルが読めません: {file}",
            f"The file of {variable}_FILE cannot be read: {file}",
            field=f"{variable}_FILE",
            code="secret_file_unreadable",
        ) from None
