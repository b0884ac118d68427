"""Writes the example for the present fiscal year: the rules of `bandai-town init`, and the invented shops of 2022. It is
written when the town is opened, so that it is valid on any date."""

from pathlib import Path

from coin.clock import fiscal_year
from town_cli.server.rules_template import Beginning, program_text

SHOPS = Path(__file__).parents[1] / "examples" / "bandai-2022" / "merchants.csv"


def write_example(folder: Path, now_ms: int) -> Path:
    """Write `program.toml` and `merchants.csv` for the fiscal year of a moment, replacing earlier ones.

    Returns: the path of the rules.
    """
    year = fiscal_year(now_ms)
    rules = program_text(Beginning("074071", "磐梯町", "Bandai Town", "BANDAI", year, is_demo=True))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.toml").write_text(rules, encoding="utf-8")
    (folder / "merchants.csv").write_bytes(SHOPS.read_bytes())
    return folder / "program.toml"
