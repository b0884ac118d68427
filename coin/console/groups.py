"""Groups of commands with the same help layout and error handling in every program."""

import sys
import traceback
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.core import TyperGroup

from coin.console.deeds import OutputLost, not_shown, shown
from coin.console.framing import FramedContext
from coin.console.output import keep_talking, write
from coin.console.places import unusable_place
from coin.console.speech import (
    DONE,
    INTERRUPTED,
    NOT_SHOWN,
    OTHER,
    PIPE_CLOSED,
    WRONG_USE,
    exit_number,
    refuse,
)
from coin.console.wrong_use import wrong_use
from coin.errors import CoinError, InvalidInput, InvariantBroken

_PACKAGE = "bandai-coin"


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
        keep_talking()
        shown()
        try:
            number = super().main(*arguments, **{**options, "standalone_mode": False})
            if number == INTERRUPTED:  # what typer makes of Ctrl-C
                number = _ended_by(KeyboardInterrupt(), as_json=as_json)
        except BaseException as error:
            number = _ended_by(error, as_json=as_json)
        sys.exit(DONE if number is None else number)


def _ended_by(error: BaseException, *, as_json: bool) -> int:
    """Say why a command has ended, and what was done in spite of that; return the exit number."""
    cause = _lost_stream(error)
    told = not_shown(cause)
    if told is not None:
        refuse(told, as_json=as_json)
    if isinstance(cause, InvariantBroken | SystemExit):
        raise cause
    if told is None:
        return _refused(cause, as_json=as_json)
    if not isinstance(cause, _EXPECTED):
        traceback.print_exception(cause)
    return NOT_SHOWN


_EXPECTED = (CoinError, OSError, typer.Abort, KeyboardInterrupt)


def _lost_stream(error: BaseException) -> BaseException:
    """Return the failed writing behind typer's exit with 1, a number that means something else here."""
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        return OutputLost(error.__context__)
    return error


def _refused(error: BaseException, *, as_json: bool) -> int:
    match error:
        case OutputLost(is_pipe=True):
            return PIPE_CLOSED
        case CoinError():
            told: CoinError | None = error
        case NoArgsIsHelpError():
            error.show()
            return WRONG_USE
        case UsageError():
            refuse(wrong_use(error), as_json=as_json)
            return WRONG_USE
        case KeyboardInterrupt():
            return INTERRUPTED
        case typer.Abort():
            refuse(InvalidInput("取りやめました。", "Cancelled.", code="aborted"), as_json=as_json)
            return INTERRUPTED
        case OSError():
            told = unusable_place(error)
        case _:
            told = None
    if told is None:  # a bug of ours: show it in full, with an exit code that means nothing else
        traceback.print_exception(error)
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


def program(name: str, help_text: str, **options: Any) -> typer.Typer:
    """Return the group of a whole program, which also says its version."""
    app = commands(help_text, name=name, **options)

    def show(is_asked: bool) -> None:
        if is_asked:
            write(f"{name} {version(_PACKAGE)}")
            raise typer.Exit

    @app.callback()
    def root(
        _: Annotated[
            bool,
            typer.Option("--version", callback=show, is_eager=True, help="版を表示します / show the version"),
        ] = False,
    ) -> None:
        pass

    return app


def ending(exits: tuple[str, ...], *examples: str) -> str:
    """Return the end of a command's help: examples that work as written, and the meaning of the exit codes."""
    lines = [f"  {example}" for example in examples]
    return "\n".join(["\b", "例 / example:", *lines, "", "\b", *exits])
