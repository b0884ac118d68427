"""What the commands of every program have in common: the person's language, the sentence for what is wrong, the numbers.

Japanese unless the locale is English. Answers go to standard output; whatever else is said, to standard error.
"""

import json
import os
import sys
import traceback
from typing import Any

import typer
from typer._click.exceptions import MissingParameter, NoArgsIsHelpError, NoSuchOption, UsageError
from typer.core import TyperGroup

from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    InvariantBroken,
    NotFound,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

DONE = 0
WRONG_USE = 2
OTHER = 9
INTERRUPTED = 130  # the shell's own number for a program that Ctrl-C ended
EXIT_NUMBERS: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 3),
    (Rejected, 4),
    (Unauthorized, 5),
    (Forbidden, 5),
    (NotFound, 6),
    (Unavailable, 7),
    (TooManyRequests, 7),
    (Conflict, 8),
)


def is_english() -> bool:
    """Whether the locale asks for English (LC_ALL, LC_MESSAGES, LANG, in this order)."""
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in settings if value), "ja").startswith("en")


def say(ja: str, en: str) -> str:
    """Choose the sentence."""
    return en if is_english() else ja


def exit_number(error: CoinError) -> int:
    """The number with which a command ends that met this error."""
    return next((number for kind, number in EXIT_NUMBERS if isinstance(error, kind)), OTHER)


def refuse(error: CoinError, *, as_json: bool) -> None:
    """Print what is wrong: one sentence with its stable code, or one JSON object."""
    field = harmless(error.field) if error.field is not None else None
    body = {"code": error.code, "field": field, "title": harmless(error.ja), "detail": harmless(error.en)}
    told = say(harmless(error.ja), harmless(error.en))
    text = json.dumps(body, ensure_ascii=False) if as_json else f"{told} [{error.code}]"
    sys.stderr.write(text + "\n")


def harmless(text: str) -> str:
    """The text with what a terminal would obey (a control character, a change of direction) written out: files come from elsewhere."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\u3000" else letter.encode("unicode_escape").decode()
        for letter in text
    )


class Commands(TyperGroup):
    """A group of commands whose errors, wrong use among them, are one sentence in the person's language."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that was typed, then end the process with its number."""
        words = options.get("args") or (arguments[0] if arguments else None) or sys.argv[1:]
        as_json = "--json" in words
        try:
            number = super().main(*arguments, **{**options, "standalone_mode": False})
        except CoinError as error:
            refuse(error, as_json=as_json)
            number = exit_number(error)
        except NoArgsIsHelpError as error:
            error.show()
            number = WRONG_USE
        except UsageError as error:
            refuse(_wrong_use(error), as_json=as_json)
            number = WRONG_USE
        except typer.Abort:
            refuse(InvalidInput("取りやめました。", "Given up.", code="aborted"), as_json=as_json)
            number = INTERRUPTED
        except InvariantBroken:
            raise
        except Exception:  # a fault of ours: told in full, and never with a number that means something else
            traceback.print_exc()
            number = OTHER
        sys.exit(DONE if number is None else number)


def commands(help_text: str, **options: Any) -> typer.Typer:
    """A group, laid out as all are. No pretty traceback: it would show what the variables hold, keys too."""
    return typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=help_text,
        context_settings={"max_content_width": 110},
        **options,
    )


def ending(exits: tuple[str, ...], *examples: str) -> str:
    """What every help ends with: examples that work as they stand, and what the exit numbers mean."""
    lines = [f"  {example}" for example in examples]
    return "\n".join(["\b", "例 / example:", *lines, "", "\b", *exits])


def _wrong_use(error: UsageError) -> InvalidInput:
    where = error.ctx.command_path if error.ctx else ""
    return InvalidInput(
        f"{_reason(error)} 使い方: {where} --help",
        f"{error.format_message()} See {where} --help.",
        code="usage",
    )


def _reason(error: UsageError) -> str:
    if isinstance(error, NoSuchOption):
        return f"{error.option_name} という指定はありません。"
    if isinstance(error, typer.BadParameter):
        name = (error.param.name or "").upper() if error.param else error.param_hint
        fault = "がありません" if isinstance(error, MissingParameter) else "の値が正しくありません"
        return f"「{name}」{fault}。"
    return "使い方が違います。"
