"""Reads single values from a TOML table, and collects all problems instead of stopping at the first.

A wrong value is replaced by a harmless one of its type, so that reading can go on. A file with any problem is refused as a
whole, so that no such value is ever used.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from coin.clock import is_jst_midnight
from coin.errors import FileProblem, InvalidFile
from coin.program.lines import KeyLines, Path, dotted

Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")

_ASCII = re.compile(r"[ -~]*")
_SHOWN_DIGITS = 18  # a longer number would fill the screen


class Problems:
    """The problems of one file, with their lines."""

    def __init__(self, file_name: str, lines: KeyLines) -> None:
        self._file_name = file_name
        self._lines = lines
        self._found: list[FileProblem] = []
        self._bad: set[Path] = set()

    def add(self, path: Path, code: str, ja: str, en: str) -> None:
        """Record that the value at `path` is wrong."""
        line = self._lines.line_of(path)
        problem = FileProblem(ja, en, file_name=self._file_name, line=line, field=dotted(path), code=code)
        self._found.append(problem)
        self._bad.add(path)

    def require(
        self, holds: bool, path: Path, code: str, ja: str, en: str, *, reads: tuple[Path, ...] = ()
    ) -> None:
        """Record a violated rule between several values, unless one of them is wrong by itself."""
        if not holds and not any(self._is_bad(part) for part in (path, *reads)):
            self.add(path, code, ja, en)

    def raise_if_any(self) -> None:
        """Refuse the file if there are problems.

        Raises:  InvalidFile, with every problem.
        """
        if self._found:
            raise InvalidFile(self._file_name, self._found)

    def _is_bad(self, path: Path) -> bool:
        return any(path == bad[: len(path)] or bad == path[: len(bad)] for bad in self._bad)


class Table:
    """One table of the file; each key is read once, and `finish` refuses unknown keys."""

    def __init__(self, values: Mapping[str, object], path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._values = values
        self._unread = set(values)

    def at(self, key: str) -> Path:
        """Return the path of a key of this table."""
        return (*self.path, key)

    def finish(self) -> None:
        """Record every key that was not read."""
        for key in sorted(self._unread):
            self.problems.add(
                self.at(key),
                "key_unknown",
                "この項目はありません。つづりと、どの [表] の下にあるかを確かめてください。",
                "there is no such key; check its spelling and the [table] above it.",
            )

    def text(self, key: str, *, longest: int, ascii_only: bool = False, may_be_empty: bool = False) -> str:
        """Return a text of one line without spaces around it, in Unicode's composed form (a Mac may decompose it)."""
        value = self._take(key, str, '文字列（"" で囲む）', "a text in quotes")
        if value is None:
            return ""
        value = unicodedata.normalize("NFC", value)
        for code, is_wrong, ja, en in (
            ("text_empty", not value and not may_be_empty, "空にはできません。", "must not be empty."),
            ("text_spaces", value != value.strip(), "前後の空白を取ってください。", "has spaces around it."),
            (
                "text_control",
                not value.replace("\u3000", " ").isprintable(),
                "改行などの制御文字は使えません。",
                "must not contain control characters.",
            ),
            (
                "text_not_ascii",
                ascii_only and _ASCII.fullmatch(value) is None,
                "半角の英数字と記号だけで書いてください。",
                "must be written in ASCII.",
            ),
            (
                "text_too_long",
                len(value) > longest,
                f"{longest}文字以内で書いてください（いま {len(value)}文字）。",
                f"must have at most {longest} characters (has {len(value)}).",
            ),
        ):
            if is_wrong:
                self.problems.add(self.at(key), code, ja, en)
                return ""
        return value

    def matching(self, key: str, pattern: re.Pattern[str], code: str, ja: str, en: str) -> str:
        """Return a text of a fixed form."""
        value = self._take(key, str, '文字列（"" で囲む）', "a text in quotes")
        if value is None or pattern.fullmatch(value):
            return value or ""
        self.problems.add(self.at(key), code, ja, en)
        return ""

    def integer(self, key: str, lowest: int, highest: int, *, is_year: bool = False) -> int:
        """Return a whole number within bounds, both included; a year is written without separators."""
        value = self._take(key, int, '整数（小数点や "" なし）', "an integer without point or quotes")
        if value is None:
            return lowest
        if lowest <= value <= highest:
            return value
        form = "d" if is_year else ",d"
        written = format(value, form) if abs(value) < 10**_SHOWN_DIGITS else "…"
        self.problems.add(
            self.at(key),
            "number_out_of_range",
            f"{lowest:{form}} から {highest:{form}} までの整数で書いてください（いま {written}）。",
            f"must be an integer from {lowest:{form}} to {highest:{form}} (is {written}).",
        )
        return lowest

    def flag(self, key: str) -> bool:
        """true or false."""
        return self._take(key, bool, "true か false", "true or false") or False

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """Return one of a fixed set of words."""
        first = next(iter(choices))
        value = self._take(key, str, '文字列（"" で囲む）', "a text in quotes")
        if value is None:
            return first
        if value in set(choices):
            return choices(value)
        words = " / ".join(f'"{word}"' for word in choices)
        self.problems.add(
            self.at(key),
            "choice_unknown",
            f"{words} のどれかを書いてください。",
            f"must be one of {words}.",
        )
        return first

    def midnight_s(self, key: str) -> int:
        """Return a moment at 00:00 in Japan, written with its offset."""
        if self._values.get(key) == "rolling":
            self._unread.discard(key)
            self.problems.add(
                self.at(key),
                "expiry_rolling_unsupported",
                "最後に使った日から延びる期限（rolling）は使えません。日時を書いてください。",
                "an expiry that is extended by use is not supported; write a date and time.",
            )
            return 0
        value = self._take(
            key, datetime, "2023-04-01T00:00:00+09:00 の形の日時", "like 2023-04-01T00:00:00+09:00"
        )
        return 0 if value is None else self._midnight_s(self.at(key), value)

    def _midnight_s(self, path: Path, value: datetime) -> int:
        if value.utcoffset() == timedelta(hours=9) and value.microsecond == 0:
            at_s = int(value.timestamp())
            if at_s > 0 and is_jst_midnight(at_s):
                return at_s
        self.problems.add(
            path,
            "moment_not_midnight",
            "日本時間の0時ちょうど（T00:00:00+09:00）で、1970年より後の日時を書いてください。",
            "must be midnight in Japan (T00:00:00+09:00), after 1970.",
        )
        return 0

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        value = self._take(key, list, "整数の並び（例 [10, 25]）", "a list of integers like [10, 25]")
        if value is None:
            return ()
        if all(type(item) is int for item in value):
            return tuple(value)
        self._wrong_type(key, "整数の並び（例 [10, 25]）", "a list of integers like [10, 25]")
        return ()

    def table(self, key: str, read: Callable[["Table"], Item]) -> Item:
        """Return what `read` makes of the table under `key`."""
        values = self._take(key, dict, f"[{key}] で始まる表", f"a table [{key}]")
        if values is None:
            # Use a separate list: a missing table is one problem, not one for each of its keys.
            aside = Problems("", KeyLines(""))
            return read(Table({}, self.at(key), aside))
        return _read_whole(Table(values, self.at(key), self.problems), read)

    def tables(self, key: str, read: Callable[["Table", int], Item], *, fewest: int) -> tuple[Item, ...]:
        """Return what `read` makes of each table [[key]], in the order of the file."""
        values = self._take(key, list, f"[[{key}]] で始まる表", f"tables [[{key}]]", missing=fewest > 0)
        if values is None:
            return ()
        if not all(isinstance(item, dict) for item in values) or len(values) < fewest:
            self._wrong_type(key, f"[[{key}]] で始まる表", f"tables [[{key}]]")
            return ()
        return tuple(
            _read_whole(Table(item, (*self.at(key), index), self.problems), lambda t, i=index: read(t, i))  # type: ignore[misc]
            for index, item in enumerate(values)
        )

    def _take(self, key: str, wanted: type[Item], ja: str, en: str, *, missing: bool = True) -> Item | None:
        self._unread.discard(key)
        value = self._values.get(key)
        # `type is`: a boolean is an int in Python, but not here.
        if type(value) is wanted:
            return value
        if value is not None:
            self._wrong_type(key, ja, en)
        elif missing:
            self.problems.add(
                self.at(key),
                "key_missing",
                f"この項目がありません。{ja} を書いてください。",
                f"is missing; write {en}.",
            )
        return None

    def _wrong_type(self, key: str, ja: str, en: str) -> None:
        self.problems.add(self.at(key), "type_wrong", f"{ja} を書いてください。", f"must be {en}.")


def _read_whole(table: Table, read: Callable[[Table], Item]) -> Item:
    item = read(table)
    table.finish()
    return item
