"""Explains wrong usage: which word of the command line is wrong, and what is expected."""

import re

import typer
from typer._click.exceptions import MissingParameter, NoSuchOption, UsageError

from coin.console.words import word
from coin.errors import InvalidInput


def wrong_use(error: UsageError) -> InvalidInput:
    """Return the sentence about a command that was typed wrong, with the help command to run."""
    where = error.ctx.command_path if error.ctx else ""
    return InvalidInput(
        f"{_reason(error)} 使い方: {where} --help",
        f"{error.format_message().replace('Value error, ', '').removesuffix('.')}. See {where} --help.",
        code="usage",
    )


def _reason(error: UsageError) -> str:
    if isinstance(error, NoSuchOption):
        if re.fullmatch(r"-[0-9.,]+", error.option_name):
            return f"{error.option_name} のようなマイナスの数は使えません。"
        return f"{error.option_name} という指定はありません。"
    if isinstance(error, typer.BadParameter):
        name = _as_typed(error)
        if isinstance(error, MissingParameter):
            return f"「{name}」がありません。"
        return f"「{name}」の値が正しくありません。{_what_is_wanted(error)}"
    if found := re.fullmatch(r"No such command '(.*)'\..*", error.format_message(), re.DOTALL):
        return f"使い方が違います。「{found[1]}」という命令はありません。"
    return "使い方が違います。"


def _as_typed(error: typer.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint)
    is_option = error.param.param_type_name == "option"
    return str(error.param.opts[0]) if is_option else word(error.param.name or "")


def _what_is_wanted(error: typer.BadParameter) -> str:
    kind = getattr(error.param, "type_descriptor", None)
    if kind is None:
        return ""
    if kind.is_choice:
        return f"{'、'.join(str(getattr(choice, 'value', choice)) for choice in kind.choices)} のどれかです。"
    if kind.annotation in (int, list[int]):
        least, most = getattr(error.param, "min", None), getattr(error.param, "max", None)
        ends = [f"{end} {word}" for end, word in ((least, "以上"), (most, "以下")) if end is not None]
        return f"{' '.join(ends)}{'の' if ends else ''}整数で書いてください。"
    return "読めるファイルかフォルダーか、確かめてください。" if kind.is_path else ""
