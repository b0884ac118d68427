"""The log of a server process: the file that BANDAI_LOG_FILE names, which is turned over when it is full, else standard error.

Decides how large logs become, and that only their owner reads them. What a program writes into them is its own business.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from typing import Any, cast

FILE = "BANDAI_LOG_FILE"
MAX_BYTES = 10_000_000
KEPT = 5  # older files beside the present one: <name>.log.1 is the newest
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_LOG = logging.getLogger("bandai")


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        file = open(self.baseFilename, self.mode, encoding="utf-8", opener=_private)  # noqa: SIM115  (the handler closes it)
        return cast("TextIOWrapper", file)


def start_log(environment: Mapping[str, str] = os.environ) -> None:
    """Send the log of this process, and how it fails, to its file or to standard error.

    psycopg and urllib3 are silenced: their messages contain URLs.
    """
    path = environment.get(FILE)
    handlers: list[logging.Handler] = []
    if path:
        handlers = [_PrivateFile(path, maxBytes=MAX_BYTES, backupCount=KEPT)]
        # Standard error stays with the file that was open at the start, however often it has been turned over since.
        sys.excepthook = _log_failure
        threading.excepthook = lambda failed: _log_failure(
            failed.exc_type, failed.exc_value, failed.exc_traceback
        )
    logging.basicConfig(level=logging.INFO, format=_FORMAT, handlers=handlers or None)
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)


def _log_failure(kind: Any, failure: Any, trace: Any) -> None:
    _LOG.critical("this process fails", exc_info=(kind, failure, trace))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
