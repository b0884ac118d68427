"""Options that several commands have: the town's folder, and JSON output."""

from pathlib import Path
from typing import Annotated

import typer

from town_cli.desk.slips import Paper

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_HOME", show_envvar=True, help="町のフォルダー / the town's folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON で答える / answer in JSON")]
YesOption = Annotated[bool, typer.Option("--yes", help="確認しない / do not ask")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="表を書く CSV / a CSV for the table")]
PaperOption = Annotated[
    Paper,
    typer.Option(
        "--paper", help="控えの紙: 80mm のロール、または A4 / the slip's paper: a roll of 80 mm, or A4"
    ),
]
DEFAULT_HOME = Path("var/town")
