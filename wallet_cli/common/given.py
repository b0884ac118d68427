"""Secrets that a program passes to a command: in an environment variable, or in a file that a variable names."""

import os

from coin.secret_text import read_secret_file


def given_secret(variable: str) -> str | None:
    """Return the value of a variable, or the content of the file that `<variable>_FILE` names, or None if neither is set.

    It is not a command-line option, because every user of a machine can read those.
    Raises:  as `read_secret_file`.
    """
    if given := os.environ.get(variable):
        return given
    file = os.environ.get(f"{variable}_FILE")
    if not file:
        return None
    return read_secret_file(file, f"{variable}_FILE")
