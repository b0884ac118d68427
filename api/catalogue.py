"""Every error that a client of the gateway can get, with its cause and its fix: one table for the error page, the `type` of
answers, the OpenAPI document and docs/errors.md, which `make errors` writes.

The text is in `pages/errors.toml`. The sentence of a rejection is taken from `coin.errors`, that of a fault in a QR code
from `coin.qr.tlv`.
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from coin.errors import SENTENCES, Rejection
from coin.qr.tlv import Fault

PATH = "/v1/errors"
MANUAL = Path("docs/errors.md")
_REFUSED = 422
_STATUS = {Rejection.CHECKOUT_UNKNOWN: 404, Rejection.DAILY_QUOTA: 429}  # of the ladder, where it is another


class Chapter(Enum):
    """Where an error comes from: a heading of the error page."""

    LADDER = "支払いと操作の拒否 / The ladder of rejections"
    GATEWAY = "ゲートウェイの答え / Answers of the gateway"
    CODE = "QR コードの読み取り / Readers of QR codes"
    COMMAND = "町・ウォレット・レジの命令 / Commands of town, wallet and till"


_INTRODUCTIONS = {
    Chapter.LADDER: (
        "上から順に調べ、最初に当てはまった理由が答えになります。残高は動いていません。ゲートウェイ、台帳、コントラクトで同じ番号です。",
        "Checked from the top; the first that applies is the answer, and nothing moved. Gateway, books and contract use the same numbers.",
    ),
    Chapter.GATEWAY: (
        "HTTP の答え（RFC 9457）です。title は日本語、detail は英語、code はプログラム用で変わりません。",
        "Answers over HTTP (RFC 9457): title is Japanese, detail English, code is for programs and stable.",
    ),
    Chapter.CODE: (
        "ウォレットが、支払う前に断ります。ゲートウェイには何も送りません。",
        "A wallet refuses these before it pays and sends nothing to the gateway.",
    ),
    Chapter.COMMAND: (
        "命令だけが出すもののうち、することが記号だけでは分からないものです。ほかの記号は、表示された文に直し方があります。",
        "Of the codes that only commands have, those that need more than their sentence; for others the message says what to do.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One error. `status` is the HTTP status of an answer with this code; None, if no answer has it."""

    code: str
    chapter: Chapter
    number: int | None
    status: int | None
    ja: str
    en: str
    cause_ja: str
    cause_en: str
    cure_ja: str
    cure_en: str


@cache
def catalogue() -> MappingProxyType[str, Entry]:
    """Return every entry by its code: first the ladder in its order, then the gateway's errors, those of QR codes, those of
    commands."""
    written = tomllib.loads(files("api.pages").joinpath("errors.toml").read_text("utf-8"))
    return MappingProxyType({entry.code: entry for entry in _entries(written)})


def _entries(written: dict[str, dict[str, Any]]) -> Iterator[Entry]:
    for reason in Rejection:
        if reason is not Rejection.NONE:
            ja, en = SENTENCES[reason]
            status = _STATUS.get(reason, _REFUSED)
            yield _entry(
                written.pop(reason.code), reason.code, Chapter.LADDER, status, ja, en, number=reason.value
            )
    faults = {code: (ja, en) for code, ja, en in (fault.value for fault in Fault)}
    commands = written.pop("commands")
    for code, text in written.items():
        if code not in faults:
            yield Entry(code=code, chapter=Chapter.GATEWAY, number=None, **text)
    for code, (ja, en) in faults.items():
        yield _entry(written[code], code, Chapter.CODE, None, ja, en)
    for code, text in commands.items():
        yield Entry(code=code, chapter=Chapter.COMMAND, number=None, status=None, **text)


def _entry(
    text: dict[str, Any],
    code: str,
    chapter: Chapter,
    status: int | None,
    ja: str,
    en: str,
    number: int | None = None,
) -> Entry:
    return Entry(code=code, chapter=chapter, number=number, status=status, ja=ja, en=en, **text)


def type_of(code: str) -> str:
    """Return the `type` of a problem (RFC 9457 §3.1.1): the path of the page about its code, on the gateway that sent it."""
    return f"{PATH}/{code}"


def introduction_of(chapter: Chapter) -> tuple[str, str]:
    """Return the introduction of a chapter, in Japanese and in English."""
    return _INTRODUCTIONS[chapter]


def markdown() -> str:
    """Return the text of docs/errors.md."""
    lines = [
        "# エラーの一覧 / Errors",
        "",
        "どのエラーにも、変わらない `code`、原因、対処があります。答えの `type` は、そのゲートウェイの同じ説明のページです（`/v1/errors/{code}`）。",
        "Every error has a stable `code`, a cause and a cure. The `type` of an answer is the page that says the same on that gateway.",
        "",
        "`make errors` が `api/pages/errors.toml` から書き出します。 / Written by `make errors`; a test holds them equal.",
    ]
    for chapter in Chapter:
        ja, en = _INTRODUCTIONS[chapter]
        lines += ["", f"## {chapter.value}", "", ja, en]
        for entry in catalogue().values():
            if entry.chapter is chapter:
                lines += ["", *_section(entry)]
    return "\n".join(lines) + "\n"


def _section(entry: Entry) -> list[str]:
    place = [f"HTTP {entry.status}"] if entry.status else []
    place += [f"No. {entry.number}"] if entry.number else []
    return [
        f"### {entry.code}",
        "",
        f"**{entry.ja}** {entry.en}" + (f" ({', '.join(place)})" if place else ""),
        "",
        f"* 原因: {entry.cause_ja}",
        f"* 対処: {entry.cure_ja}",
        f"* Cause: {entry.cause_en}",
        f"* Cure: {entry.cure_en}",
    ]


if __name__ == "__main__":
    sys.exit(MANUAL.write_text(markdown(), encoding="utf-8") and 0)
