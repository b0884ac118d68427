"""Errors of a path that a person gave: a folder without permission, a full disk."""

import errno

from coin.errors import InvalidInput

# Errors that a path from a person can cause; any other OSError is a bug of ours.
_PLACES = {
    errno.EACCES: ("使う権限がありません", "you have no permission"),
    errno.EPERM: ("使う権限がありません", "you have no permission"),
    errno.EROFS: ("書き込めない場所です", "it is read-only"),
    errno.ENOSPC: ("ディスクがいっぱいです", "the disk is full"),
    errno.EDQUOT: ("ディスクの割り当てがいっぱいです", "the disk quota is used up"),
    errno.ENOTDIR: ("途中にフォルダーでないものがあります", "a part of the path is not a folder"),
    errno.EEXIST: ("同じ名前のものがすでにあります", "that name exists already"),
    errno.EISDIR: ("ファイルではなくフォルダーです", "it is a folder, not a file"),
    errno.ENAMETOOLONG: ("名前が長すぎます", "the name is too long"),
    errno.EFBIG: ("ファイルが大きすぎます", "the file is too large"),
}
# Errors of a stream that was opened by somebody else: a pipe, a terminal, a printer.
_STREAMS = {
    errno.EPIPE: ("受け取る側が閉じています", "the reader has closed it"),
    errno.EBADF: ("出力が閉じられています", "the output is closed"),
    errno.EIO: ("出力の先が応じません", "the device does not answer"),
}
_NAMELESS = (errno.ENOSPC, errno.EDQUOT)  # raised while writing, when the system names no file


def reason_of(error: Exception) -> tuple[str, str]:
    """Return why something could not be written, as part of a sentence."""
    known = (_PLACES | _STREAMS).get(getattr(error, "errno", None) or 0)
    return known or ("書き込めません", "it cannot be written")


def unusable_place(error: OSError) -> InvalidInput | None:
    """Return the sentence about a path that cannot be used; None, if the error is a bug of ours."""
    if error.errno not in _PLACES:
        return None
    ja, en = _PLACES[error.errno]
    if error.filename is None:
        return _full(ja, en) if error.errno in _NAMELESS else None
    return InvalidInput(
        f"{error.filename} を使えません: {ja}。場所を確かめるか、--home などで別の場所を指定してください。",
        f"{error.filename} cannot be used: {en}. Check it, or choose another, for example with --home.",
        field="path",
        code="place_unusable",
    )


def _full(ja: str, en: str) -> InvalidInput:
    return InvalidInput(
        f"書き込めません: {ja}。空きを作ってください。",
        f"Nothing can be written: {en}. Make room first.",
        field="path",
        code="place_unusable",
    )
