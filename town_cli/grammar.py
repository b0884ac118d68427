"""What all commands have in common as commands: how help is laid out, and what wrong use is told."""

import sys
from typing import Any

import typer
from typer._click.exceptions import MissingParameter, NoArgsIsHelpError, NoSuchOption, UsageError
from typer.core import TyperGroup

from coin.errors import InvalidInput
from town_cli.exits import DONE, EXITS_EN, EXITS_JA, INTERRUPTED, WRONG_USE
from town_cli.speech import refuse


class Commands(TyperGroup):
    """A group of commands whose wrong use is one sentence in the person's language, as every other error is."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that was typed, then end the process with its number."""
        try:
            number = super().main(*arguments, **{**options, "standalone_mode": False})
        except NoArgsIsHelpError as error:
            error.show()
            number = WRONG_USE
        except UsageError as error:
            words = options.get("args") or (arguments[0] if arguments else None) or sys.argv[1:]
            refuse(_wrong_use(error), as_json="--json" in words)
            number = WRONG_USE
        except typer.Abort:
            refuse(InvalidInput("取りやめました。", "Given up.", code="aborted"), as_json=False)
            number = INTERRUPTED
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


def closing(*examples: str) -> str:
    """What every help ends with: examples that work as they stand, and what the exit numbers mean."""
    lines = [f"  {example}" for example in examples]
    return "\n".join(["\b", "例 / example:", *lines, "", "\b", EXITS_JA, EXITS_EN])


def _wrong_use(error: UsageError) -> InvalidInput:
    where = error.ctx.command_path if error.ctx else "bandai-town"
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
