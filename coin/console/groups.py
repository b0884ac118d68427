"""Groups of commands with the same help layout and error handling in every program."""

import sys
import traceback
from typing import Any

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.core import TyperGroup

from coin.console.framing import FramedContext
from coin.console.places import unusable_place
from coin.console.speech import DONE, INTERRUPTED, OTHER, WRONG_USE, exit_number, refuse
from coin.console.wrong_use import wrong_use
from coin.errors import CoinError, InvalidInput, InvariantBroken


class Commands(TyperGroup):
    """A group of commands. Every error, also wrong usage, is one sentence in the person's language."""

    context_class = FramedContext

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for command in self.commands.values():
            command.context_class = FramedContext

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that was typed, then exit with its code."""
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
            refuse(wrong_use(error), as_json=as_json)
            number = WRONG_USE
        except typer.Abort:
            refuse(InvalidInput("取りやめました。", "Cancelled.", code="aborted"), as_json=as_json)
            number = INTERRUPTED
        except InvariantBroken:
            raise
        except OSError as error:
            number = _refuse_place(error, as_json=as_json)
        except Exception:  # a bug of ours: show it in full, with an exit code that means nothing else
            traceback.print_exc()
            number = OTHER
        sys.exit(DONE if number is None else number)


def _refuse_place(error: OSError, *, as_json: bool) -> int:
    told = unusable_place(error)
    if told is None:
        traceback.print_exc()
        return OTHER
    refuse(told, as_json=as_json)
    return exit_number(told)


def commands(help_text: str, **options: Any) -> typer.Typer:
    """Return a group of commands. Pretty tracebacks are off: they would show the values of variables, also keys."""
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
    """Return the end of a command's help: examples that work as written, and the meaning of the exit codes."""
    lines = [f"  {example}" for example in examples]
    return "\n".join(["\b", "例 / example:", *lines, "", "\b", *exits])
