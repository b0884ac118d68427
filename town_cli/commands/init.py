"""`bandai-town init`: writes a commented rules file to start from."""

from pathlib import Path
from typing import Annotated

import typer

from coin.clock import SystemClock, fiscal_year
from coin.console.deeds import done
from coin.console.output import answer
from town_cli.commands.options import JsonOption
from town_cli.server.rules_template import Beginning, write_program


def init(
    file: Annotated[Path, typer.Argument(help="書き出す先 / where to write it")] = Path("program.toml"),
    code: Annotated[str, typer.Option(help="全国地方公共団体コード / local government code")] = "074071",
    name: Annotated[str, typer.Option(help="町の名前 / the town's name")] = "磐梯町",
    name_en: Annotated[str, typer.Option(help="英語の名前 / its name in English")] = "Bandai Town",
    romaji: Annotated[str, typer.Option(help="QRコードに入る名前 / its name in QR codes")] = "BANDAI",
    year: Annotated[
        int | None, typer.Option(min=2000, max=2199, help="年度（省略: 今年度）/ omit: this fiscal year")
    ] = None,
    is_demo: Annotated[bool, typer.Option("--demo", help="試用 / only to try it out")] = False,
    as_json: JsonOption = False,
) -> None:
    """説明つきの program.toml を書き出す / Write a commented program.toml to start from."""
    this_year = fiscal_year(SystemClock().now_ms()) if year is None else year
    write_program(file, Beginning(code, name, name_en, romaji, this_year, is_demo))
    done(f"{file} を書きました。", f"Wrote {file}.")
    answer(
        f"{file} を書きました。値を直してから bandai-town deploy に渡してください。",
        f"Wrote {file}; change its values, then give it to bandai-town deploy.",
        {"file": str(file), "fiscal_year": this_year},
        as_json=as_json,
    )
