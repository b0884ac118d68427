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
}
_NAMELESS = (errno.ENOSPC, errno.EDQUOT)  # raised while writing, when the system names no file


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
        f"書き込めません: {ja}。空きを作ってから、もう一度実行してください。",
        f"Nothing can be written: {en}. Make room, then run it again.",
        field="path",
        code="place_unusable",
    )
