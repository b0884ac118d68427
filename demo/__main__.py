"""`python -m demo`: plays the line on `examples/bandai-2022` and prints one JSON line of figures.

Ends with 0 only if at least 1,000 payments were accepted, all of them settled, and nothing differs.
"""

import json
import sys
from pathlib import Path

from coin.database.embedded import EmbeddedPostgres
from demo.line import Line

FOLDER = Path("var/demo")
EXAMPLE = Path("examples/bandai-2022")
FEWEST_PAYMENTS = 1_000


def main() -> int:
    """Play it on fresh files."""
    _start_afresh(FOLDER)
    figures = Line(FOLDER.resolve(), EXAMPLE.resolve()).play()
    print(json.dumps(figures.as_json()))
    is_good = (
        figures.accepted >= FEWEST_PAYMENTS
        and figures.settled == figures.accepted
        and figures.reconciliation_differences == 0
    )
    return 0 if is_good else 1


def _start_afresh(folder: Path) -> None:
    EmbeddedPostgres(folder / "postgres").destroy()
    for path in folder.glob("*"):
        if path.is_file():
            path.unlink()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


if __name__ == "__main__":
    sys.exit(main())
