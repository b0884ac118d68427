"""`make` says what it does, and nothing about what is there already."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_setup_that_is_done_says_nothing() -> None:
    """Nothing is run: make only says what it would do."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "--dry-run", "setup"],  # noqa: S607
        cwd=ROOT,
        env=own | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "up to date" not in done.stdout
