"""The Japanese words of a command line, where typer writes the raw name of an argument or of a type: in usage lines, in the
tables of a help, and in sentences about wrong usage."""

import re

WORDS = {
    # arguments
    "amount": "金額",
    "checkout": "お会計の番号",
    "code": "コード",
    "credential": "合言葉の番号",
    "file": "ファイル",
    "folder": "フォルダー",
    "label": "名前",
    "merchant": "加盟店番号",
    "number": "番号",
    "numbers": "加盟店番号",
    "office": "鍵の名前",
    "payment": "支払いの番号",
    "program": "決まりのファイル",
    "url": "URL",
    "wallet": "ウォレット",
    # the shape of a command line
    "OPTIONS": "指定",
    "COMMAND": "命令",
    "ARGS": "引数",
    # types of values
    "str": "文字",
    "int": "整数",
    "int range": "整数",
    "float range": "数",
    "list[int]": "整数",
    "path": "場所",
}
_IN_BRACKETS = re.compile(r"(?<=[{\[<])[A-Za-z _]+(?:\[int\])?(?=[}\]>])")
_FIRST = re.compile(r"^[a-z_]+(?=\W|$)")
_BETWEEN = re.compile(r"(\d[\d.]*)<=x<=(\d[\d.]*)")
_AT_LEAST = re.compile(r"x>=(\d[\d.]*)")


def word(name: str) -> str:
    """Return the Japanese word for the name of an argument or of a type; the name itself, if it has none."""
    return WORDS.get(name, name)


def usage(arguments: str) -> str:
    """Return the arguments of a usage line with Japanese words."""
    return _IN_BRACKETS.sub(lambda name: word(name[0]), arguments).replace("COMMAND", word("COMMAND"))


def name_and_type(first_column: str) -> str:
    """Return the name of an argument or option, and what it takes, with Japanese words."""
    named = _FIRST.sub(lambda name: word(name[0]), first_column)
    return _IN_BRACKETS.sub(lambda name: word(name[0]), named)


def limits(notes: str) -> str:
    """Return the limits of a number with Japanese words."""
    return _AT_LEAST.sub(r"\1以上", _BETWEEN.sub(r"\1以上\2以下", notes))
