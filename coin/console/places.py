"""Places that somebody named and that cannot be used: a folder without rights, a full disk."""

import errno

from coin.errors import InvalidInput

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


def unusable_place(error: OSError) -> InvalidInput | None:
    """The sentence about a place that cannot be used; None for what is a fault of ours."""
    if error.errno not in _PLACES or error.filename is None:
        return None
    ja, en = _PLACES[error.errno]
    return InvalidInput(
        f"{error.filename} を使えません: {ja}。場所を確かめるか、--home などで別の場所を指定してください。",
        f"{error.filename} cannot be used: {en}. Look at the place, or name another, with --home for example.",
        field="path",
        code="place_unusable",
    )
