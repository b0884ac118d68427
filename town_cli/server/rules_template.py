"""Writes a commented rules file for a town to start from; it is valid as written, but for what only the town knows."""

import os
from dataclasses import dataclass
from pathlib import Path

from coin.errors import Conflict, InvalidFile, InvalidInput
from coin.program.load import parse_program

_OPTIONS = {
    "municipality.code": "--code",
    "municipality.name_ja": "--name",
    "municipality.name_en": "--name-en",
    "municipality.name_romaji": "--romaji",
}
_TO_BE_FILLED_IN = "placeholder"  # what only the town knows; `deploy` refuses it
TEMPLATE = Path(__file__).with_name("program.template.toml")


@dataclass(frozen=True)
class Beginning:
    """The values that a template cannot know: the town, the fiscal year, and whether it is a demo."""

    code: str
    name_ja: str
    name_en: str
    romaji: str
    year: int
    is_demo: bool


def program_text(beginning: Beginning) -> str:
    """Return the rules file of this town and year.

    Raises:  InvalidInput (`option_invalid`) naming each option with a wrong value.
    """
    said = (beginning.code, beginning.name_ja, beginning.name_en, beginning.romaji)
    if any(not text.isprintable() or set(text) & set('"\\') for text in said):
        raise InvalidInput(
            "名前に引用符や制御文字は使えません。",
            "A name must not contain quotation marks or control characters.",
        )
    text = TEMPLATE.read_text(encoding="utf-8").format(
        code=beginning.code,
        name_ja=beginning.name_ja,
        name_en=beginning.name_en,
        romaji=beginning.romaji,
        year=beginning.year,
        next_year=beginning.year + 1,
        is_demo=str(beginning.is_demo).lower(),
    )
    try:
        parse_program(text.encode())
    except InvalidFile as error:
        if any(problem.code != _TO_BE_FILLED_IN for problem in error.problems):
            raise _by_option(error) from None
    return text


def _by_option(error: InvalidFile) -> InvalidInput:
    """Return the problems by option, because the file whose lines the error names does not exist."""
    wrong = [(_OPTIONS[item.field], item.reason) for item in error.problems if item.field in _OPTIONS]
    if not wrong:
        return error
    return InvalidInput(
        "\n".join(f"{option}: {ja}" for option, (ja, _) in wrong),
        "\n".join(f"{option} {en}" for option, (_, en) in wrong),
        field=wrong[0][0],
        code="option_invalid",
    )


def write_program(target: Path, beginning: Beginning) -> None:
    """Write the file; never overwrite one.

    Raises:  InvalidInput, as `program_text`; Conflict (`file_exists`).
    """
    text = program_text(beginning)
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise Conflict(
            f"{target} はもうあります。", f"{target} is there already.", field="file", code="file_exists"
        ) from None
    except OSError as error:
        raise InvalidInput(
            f"{target} を書けません。", f"{target} cannot be written.", field="file", code="file_unwritable"
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
