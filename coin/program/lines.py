"""Finds the line of each key in a TOML text; tomllib reads the values but keeps no lines.

A simple scan for error messages only: it knows headers, keys, strings, comments and brackets, and assumes that tomllib has
accepted the text. Keys in an inline table get the line of the table's own key.
Source:  TOML 1.0.0.
"""

import re

Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:\\.|[^"\\])*"|'[^']*'|#|[\[\]{}]''')
_CLOSING = {'"""': re.compile(r'(?:\\.|[^\\])*?"""', re.DOTALL), "'''": re.compile(r".*?'''", re.DOTALL)}


class KeyLines:
    """The lines of a TOML text's keys."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._lengths: dict[Path, int] = {}
        self._table: Path = ()
        self._open_string = ""
        self._depth = 0
        for number, line in enumerate(text.split("\n"), start=1):
            self._read(line, number)

    def line_of(self, path: Path) -> int:
        """Return the line of the key, or of the nearest table around it, counted from 1."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _read(self, line: str, number: int) -> None:
        start = 0
        if not self._open_string and self._depth == 0:
            start = self._read_statement(line, number)
        self._read_value(line, start)

    def _read_statement(self, line: str, number: int) -> int:
        if header := _HEADER.match(line):
            self._enter(_keys(header[2]), number, is_array=header[1] == "[[")
            return header.end()
        if assignment := _ASSIGNMENT.match(line):
            self._mark(self._table + _keys(assignment[1]), number)
            return assignment.end()
        return 0

    def _enter(self, keys: tuple[str, ...], number: int, *, is_array: bool) -> None:
        path: Path = ()
        for key in keys[:-1]:
            path = self._innermost((*path, key))
        path = (*path, keys[-1])
        if is_array:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            self._mark(path, number)
            path = (*path, index)
        self._table = path
        self._mark(path, number)

    def _innermost(self, path: Path) -> Path:
        length = self._lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _mark(self, path: Path, number: int) -> None:
        self._lines.setdefault(path, number)

    def _read_value(self, line: str, start: int) -> None:
        while start < len(line):
            if self._open_string:
                closing = _CLOSING[self._open_string].match(line, start)
                if closing is None:
                    return
                self._open_string, start = "", closing.end()
                continue
            token = _TOKEN.search(line, start)
            if token is None or token[0] == "#":
                return
            self._take(token[0])
            start = token.end()

    def _take(self, mark: str) -> None:
        if mark in _CLOSING:
            self._open_string = mark
        elif mark in "[{":
            self._depth += 1
        elif mark in "]}":
            self._depth -= 1


def dotted(path: Path) -> str:
    """Return the path as text, for example `funds[0].budget_yen`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys(dotted_text: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted_text))
