"""`python -m demo`: plays the whole demo on `examples/bandai-2022` and prints one JSON line of figures.

Ends with 0 only if at least 1,000 payments were accepted, all of them settled, and nothing differs.
"""

import json
import sys
from pathlib import Path

from coin.database.embedded import EmbeddedPostgres
from coin.errors import Conflict
from demo.line import Line
from town_cli.server.lock import LOCK, lock_to_serve

FOLDER = Path("var/demo")
EXAMPLE = Path("examples/bandai-2022")


def main() -> int:
    """Play the demo on fresh files; a second demo in the same folder is refused meanwhile."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with lock_to_serve(FOLDER) as held:
            held.announce_serving()
            _start_afresh(FOLDER)
            figures = Line(FOLDER.resolve(), EXAMPLE.resolve(), held).play()
    except Conflict as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(json.dumps(figures.as_json()))
    return 0 if figures.is_good else 1


def _start_afresh(folder: Path) -> None:
    EmbeddedPostgres(folder / "postgres").destroy()
    for path in folder.glob("*"):
        if path.is_file() and path.name != LOCK:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
