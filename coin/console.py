"""What the commands of every program have in common: the person's language, the sentence for what is wrong, the numbers.

Japanese unless the locale is English. Answers go to standard output; whatever else is said, to standard error.
"""

import errno
import getpass
import json
import os
import re
import sys
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer._click.core import Context
from typer._click.exceptions import MissingParameter, NoArgsIsHelpError, NoSuchOption, UsageError
from typer._click.formatting import HelpFormatter
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
# What a machine says of a place that somebody named; any other OSError is a fault of ours.
_PLACES = {
    errno.EACCES: ("使う権限がありません", "you have no right to it"),
    errno.EPERM: ("使う権限がありません", "you have no right to it"),
    errno.EROFS: ("書き込めない場所です", "it is read-only"),
    errno.ENOSPC: ("ディスクがいっぱいです", "the disk is full"),
    errno.EDQUOT: ("ディスクの割り当てがいっぱいです", "the disk quota is used up"),
    errno.ENOTDIR: ("途中にフォルダーでないものがあります", "a part of it is no folder"),
    errno.EEXIST: ("同じ名前のものがすでにあります", "something of that name is there already"),
    errno.EISDIR: ("ファイルではなくフォルダーです", "it is a folder and no file"),
    errno.ENAMETOOLONG: ("名前が長すぎます", "the name is too long"),
}
_WHOLE = re.compile(r"[¥\\]?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)円?", re.ASCII)
_FRAME = {
    "Options": "指定",
    "Arguments": "引数",
    "Commands": "命令",
    "Show this message and exit.": "この説明を表示します。",
}
_NOTES = {"required": "必須", "default: ": "省略時: ", "env var: ": "環境変数: "}
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


class _Help(HelpFormatter):
    """Help whose frame is in the person's language too, and not only what stands in it."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("使い方: ", "Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(_FRAME.get(heading, heading), heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        framed = rows if is_english() else [(name, _framed(text)) for name, text in rows]
        super().write_dl(framed, col_max, col_spacing)


def _framed(text: str) -> str:
    if text in _FRAME:
        return _FRAME[text]
    body, bracket, notes = text.rpartition("[")
    for english, japanese in _NOTES.items():
        notes = notes.replace(english, japanese)
    return body + bracket + notes if bracket and text.endswith("]") else text


class _Context(Context):
    formatter_class = _Help


class Commands(TyperGroup):
    """A group of commands whose errors, wrong use among them, are one sentence in the person's language."""

    context_class = _Context

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for command in self.commands.values():
            command.context_class = _Context

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
        except OSError as error:
            number = _refuse_place(error, as_json=as_json)
        except Exception:  # a fault of ours: told in full, and never with a number that means something else
            traceback.print_exc()
            number = OTHER
        sys.exit(DONE if number is None else number)


def whole_number(least: int = 0) -> Callable[[Any], int]:
    """What reads a number as people type it, full width, with commas or with 円 too: `parser=` of an argument."""

    def read(typed: Any) -> int:
        found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", str(typed)).strip())
        number = int(found[1].replace(",", "")) if found else -1
        if number < least:
            raise ValueError(f"a whole number of {least} or more is needed")
        return number

    return read


def ask_secret(question: str, *, file_variable: str, twice: bool = False) -> str:
    """Ask for what nobody may read over a shoulder; on standard error, since standard output is the answer's alone.

    Raises: InvalidInput (answers_differ), if what is asked twice is not the same; InvalidInput (terminal_missing), if
            nobody can be asked: `file_variable` is where a program names a file with it.
    """
    given = _hidden(question, file_variable)
    if twice and _hidden(say("確認のため、もう一度", "Once more"), file_variable) != given:
        raise InvalidInput(
            "2回の入力が違います。もう一度やり直してください。",
            "The two entries differ; please start again.",
            code="answers_differ",
        )
    return given


def _hidden(question: str, file_variable: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would show what is typed
        try:
            return str(typer.prompt(question, hide_input=True, err=True))
        except getpass.GetPassWarning:
            sys.stderr.write("\n")
            raise InvalidInput(
                f"尋ねる端末がありません。人のいない機械では、環境変数 {file_variable} に、答えを書いたファイルの場所を入れてください。",
                f"There is no terminal to ask on; name a file that holds the answer in {file_variable}.",
                field=file_variable,
                code="terminal_missing",
            ) from None


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
    return str(error.param.opts[0]) if is_option else (error.param.name or "").upper()


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


def _refuse_place(error: OSError, *, as_json: bool) -> int:
    if error.errno not in _PLACES or error.filename is None:
        traceback.print_exc()
        return OTHER
    ja, en = _PLACES[error.errno]
    told = InvalidInput(
        f"{error.filename} を使えません: {ja}。場所を確かめるか、--home などで別の場所を指定してください。",
        f"{error.filename} cannot be used: {en}. Look at the place, or name another, with --home for example.",
        field="path",
        code="place_unusable",
    )
    refuse(told, as_json=as_json)
    return exit_number(told)
