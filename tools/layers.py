"""Draws docs/layers.svg: the layers that the import rules hold, with what each package says of itself.

Decides nothing: layers stand in pyproject.toml (`[tool.importlinter]`), sentences in the packages' docstrings.
"""

import ast
import sys
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "layers.svg"

WIDTH, MARGIN, GAP = 1180, 20, 10
LINE_HEIGHT, LETTER_WIDTH = 15, 6.5
PROGRAMS = {"api", "bandai_client", "demo", "town_cli", "wallet_cli"}
STYLE = """
text { font: 11.5px system-ui, 'Noto Sans', 'Noto Sans JP', sans-serif; fill: #334155 }
.name { font: 600 13px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #0f172a }
.title { font-size: 15px; font-weight: 600; fill: #0f172a }
.program { fill: #e0f2fe; stroke: #0369a1 }
.domain { fill: #f8fafc; stroke: #94a3b8 }
"""


def layers() -> list[list[str]]:
    """Return the layers from the top to the bottom, each with its packages."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return [layer.split(" | ") for layer in rules[0]["layers"]]


def sentence(package: str) -> str:
    """Return the first sentence of a package's docstring."""
    path = ROOT.joinpath(*package.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).partition(". ")[0].rstrip(".").replace("`", "")


def box(package: str, x: float, y: float, width: float, lines: list[str], height: float) -> str:
    """Return one package: its name, and below it what it says of itself."""
    kind = "program" if package in PROGRAMS else "domain"
    words = "".join(
        f'<text x="{x + 10:.0f}" y="{y + 36 + LINE_HEIGHT * number:.0f}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="6"/>'
        f'<text class="name" x="{x + 10:.0f}" y="{y + 19:.0f}">{escape(package)}</text>{words}'
    )


def row(packages: list[str], y: float) -> tuple[str, float]:
    """Return one layer, and how high it is."""
    width = (WIDTH - 2 * MARGIN - GAP * (len(packages) - 1)) / len(packages)
    wrapped = {
        package: textwrap.wrap(sentence(package), int((width - 20) / LETTER_WIDTH)) for package in packages
    }
    height = 32 + LINE_HEIGHT * max(map(len, wrapped.values()))
    boxes = [
        box(package, MARGIN + place * (width + GAP), y, width, wrapped[package], height)
        for place, package in enumerate(packages)
    ]
    return "\n".join(boxes), height


def drawn() -> str:
    """Return the whole picture as SVG."""
    parts = [f'<text class="title" x="{MARGIN}" y="32">Imports go downward only</text>']
    y: float = 48
    for packages in layers():
        text, height = row(packages, y)
        parts.append(text)
        y += height + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + MARGIN:.0f}" role="img"'
        f' aria-label="The layers of the product; imports go downward only">\n<style>{STYLE}</style>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}\n")
