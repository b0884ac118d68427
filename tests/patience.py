"""How long a test waits for what must come: far longer than any machine needs, so that only a hang fails it."""

import time
from collections.abc import Callable

HANG_S = 600.0


def wait_until(is_so: Callable[[], object], *, pause_s: float = 0.02) -> None:
    """Look again and again until something is so; fails where it never comes."""
    end_s = time.monotonic() + HANG_S
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(pause_s)
