"""Small private files: written atomically, safe through a power cut, parsed strictly."""

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from coin.errors import InvalidInput, NotFound
from coin.parsing import parse_json, read_file


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace a file with JSON atomically, readable only by its owner."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # sync the folder too, not only the file
    finally:
        os.close(folder)


def open_new_private(path: Path, *, field: str) -> int:
    """Open a new file for writing, readable only by its owner from the first byte; returns its descriptor.

    Raises:  InvalidInput naming `field`, if the file exists or cannot be written.
    """
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        is_there = isinstance(error, FileExistsError)
        raise InvalidInput(
            f"ファイルがすでにあります: {path}" if is_there else f"ここには書けません: {path}",
            f"The file exists already: {path}" if is_there else f"This cannot be written: {path}",
            field=field,
        ) from None


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:  NotFound; InvalidInput (file_malformed).
    """
    try:
        content = parse_json(read_file(path))
    except FileNotFoundError:
        raise NotFound(
            f"ファイルがありません: {path}", f"There is no such file: {path}", field="path"
        ) from None
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise malformed(path)
    return content


def malformed(path: Path) -> InvalidInput:
    """Return the error for a file with wrong content."""
    return InvalidInput(
        f"ファイルの中身が違うか、壊れています: {path}",
        f"The file is damaged, or another one: {path}",
        field="path",
        code="file_malformed",
    )


def refuse_open_file(path: Path, code: str) -> None:
    """Refuse a file with a secret that others can read.

    Raises:  InvalidInput with that code.
    """
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InvalidInput(
            f"ほかの人が読めるファイルです。chmod 600 {path} を実行してください。",
            f"Others can read this file; run chmod 600 {path}",
            field="path",
            code=code,
        )
