"""The demo's progress messages: Japanese first, English second, on standard error; figures go to standard output."""

import sys
import time

_started = time.monotonic()


def say(ja: str, en: str) -> None:
    """Print one line of progress with the seconds since the start."""
    print(f"[{elapsed_s():6.1f} s] {ja} / {en}", file=sys.stderr, flush=True)


def elapsed_s() -> float:
    """Seconds since the demo started."""
    return time.monotonic() - _started
