"""The API's page: a guide for each role, every operation with a real exchange, and an index of the errors; one language at a
time.

Decides only how it is written. Operations are those of the OpenAPI document, texts in Japanese stand in
`pages/operations.toml`, exchanges in `pages/examples.json`, which `make examples` records from a gateway. A test holds both
to the document.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from api.catalogue import Chapter, catalogue, type_of
from api.openapi import TAGS, guide


class Language(StrEnum):
    """The language of a page."""

    JA = "ja"
    EN = "en"


@dataclass(frozen=True)
class _Words:
    """The headings of the page in one language."""

    title: str
    other: tuple[Language, str]
    operations: str
    errors: str
    request: str
    answer: str
    refusals: str


_WORDS = {
    Language.JA: _Words(
        "ばんだいコイン API", (Language.EN, "English"), "操作", "エラーの一覧", "要求", "答え", "断られるとき"
    ),
    Language.EN: _Words(
        "Bandai Coin API", (Language.JA, "日本語"), "Operations", "Errors", "Request", "Answer", "Refusals"
    ),
}


@cache
def examples() -> Mapping[str, Any]:
    """Return the recorded exchange of each operation, by its method and path."""
    read: dict[str, Any] = json.loads(files("api.pages").joinpath("examples.json").read_text("utf-8"))
    return read


@cache
def japanese() -> Mapping[str, Any]:
    """Return what each operation does, in Japanese."""
    return tomllib.loads(files("api.pages").joinpath("operations.toml").read_text("utf-8"))


def page(document: Mapping[str, Any], language: Language) -> str:
    """Return the page in one language."""
    words = _WORDS[language]
    other, name = words.other
    parts = (
        f'<nav><a href="/">ばんだいコイン</a> <a href="#operations">{words.operations}</a> '
        f'<a href="#errors">{words.errors}</a> <a href="/v1/openapi.json">OpenAPI 3.1</a> '
        f'<a href="/v1/docs?lang={other}" lang="{other}" hreflang="{other}">{name}</a></nav>',
        f"<main><h1>{words.title}</h1>{_guide(language)}",
        f'<h2 id="operations">{words.operations}</h2>{"".join(_tags(document, language))}',
        f'<h2 id="errors">{words.errors}</h2>{"".join(_errors(language))}</main>',
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{words.title}</title>'
        '<link rel="icon" href="/v1/docs/icon.svg"><link rel="stylesheet" href="/v1/docs/page.css"></head>'
        f'<body class="one">{"".join(parts)}<script src="/v1/docs/docs.js"></script></body></html>'
    )


def _is_japanese(text: str) -> bool:
    return any(ord(letter) > 0x3040 for letter in text)


def _guide(language: Language) -> str:
    blocks = re.split(r"\n\n+", guide().strip())
    return "".join(_block(block, language) for block in _whole(blocks))


def _whole(blocks: list[str]) -> Iterator[str]:
    """Yield the blocks with those of a code that has empty lines joined."""
    code: list[str] = []
    for block in blocks:
        code.append(block)
        if "\n\n".join(code).count("```") % 2 == 0:
            yield "\n\n".join(code)
            code = []


def _block(block: str, language: Language) -> str:
    if block.startswith("```"):
        return _code(block.split("\n", 1)[1].removesuffix("```").rstrip())
    if block.startswith("## "):
        ja, en = block.removeprefix("## ").split(" / ")
        return f"<h2>{escape(ja if language is Language.JA else en)}</h2>"
    if _is_japanese(block) != (language is Language.JA):
        return ""
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\[([^\]]+)\]\((/[^)\s]*)\)", r'<a href="\2">\1</a>', marked)


def _code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _tags(document: Mapping[str, Any], language: Language) -> Iterator[str]:
    for tag in TAGS:
        ja, en = tag["description"].split(" / ")
        yield f"<h3>{escape(ja if language is Language.JA else en)}</h3>"
        for label, operation in operations(document):
            if operation["tags"] == [tag["name"]]:
                yield _operation(label, operation, language)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each operation of the document with its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _operation(label: str, operation: Mapping[str, Any], language: Language) -> str:
    words, shown = _WORDS[language], examples()[label]
    ja, en = operation["summary"].split(" / ", 1)
    summary, text = (ja, japanese()[label]) if language is Language.JA else (en, operation["description"])
    answer = f"HTTP {shown['status']}\n{shown['answer']}".rstrip()
    return (
        f'<section id="{operation["operationId"]}"><h4>{escape(summary)}</h4><p><code>{escape(label)}</code></p>'
        f"<p>{_inline(text)}</p><h5>{words.request}</h5>{_code(shown['request'])}"
        f"<h5>{words.answer}</h5>{_code(answer)}<h5>{words.refusals}</h5><p>{_codes(operation)}</p></section>"
    )


def _codes(operation: Mapping[str, Any]) -> str:
    codes = [
        code
        for status, response in operation["responses"].items()
        if status >= "400"
        for code in re.findall(r"[a-z_]+", response["description"])
        if code in catalogue()
    ]
    return " ".join(f'<a href="{type_of(code)}"><code>{code}</code></a>' for code in dict.fromkeys(codes))


def _errors(language: Language) -> Iterator[str]:
    for chapter in Chapter:
        ja, en = chapter.value.split(" / ")
        yield f"<h3>{escape(ja if language is Language.JA else en)}</h3><ul>"
        for entry in catalogue().values():
            if entry.chapter is chapter:
                sentence = entry.ja if language is Language.JA else entry.en
                yield f'<li><a href="{type_of(entry.code)}"><code>{entry.code}</code></a> {escape(sentence)}</li>'
        yield "</ul>"
