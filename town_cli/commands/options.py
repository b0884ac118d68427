"""Options that several commands have: the town's folder, and JSON output."""

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_HOME", show_envvar=True, help="町のフォルダー / the town's folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON で答える / answer in JSON")]
DEFAULT_HOME = Path("var/town")
