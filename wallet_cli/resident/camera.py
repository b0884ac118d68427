"""Reads the one code of ours from a picture, or takes its text.

Decides which of several codes is meant: the one that is ours. Two of ours are refused, because only the person knows which.
"""

from pathlib import Path

from coin.errors import InvalidInput
from coin.parsing import read_file, typed_path
from coin.qr.photo import MAX_BYTES, codes_in, unreadable
from coin.qr.text import parse


def read_picture(picture: bytes) -> str:
    """Return the text of the code in a picture: of ours, if codes of other systems stand beside it.

    Raises:  InvalidInput (`qr_several`), if two different ones are ours; as `codes_in`.
    """
    found = codes_in(picture)
    if not found:
        raise unreadable()
    ours = [text for text in found if _is_ours(text)]
    if len(ours) > 1:
        raise InvalidInput(
            f"写真に、ばんだいコインのコードが {len(ours)} つあります。払いたいお店のコードだけを写してください。",
            f"The picture has {len(ours)} codes of Bandai coin; take one of the code that you want to pay only.",
            field="picture",
            code="qr_several",
        )
    return (ours or found)[0]  # what is not ours is refused by its reason when it is parsed


def _is_ours(text: str) -> bool:
    try:
        parse(text)
    except InvalidInput:
        return False
    return True


def read_code(code: str) -> str:
    """Return the text of a code, given as text or as the name of a picture file.

    Raises:  InvalidInput (`qr_unreadable`), if there is no such file; as `read_picture`.
    """
    if code.startswith("0002"):
        return code.strip()
    try:
        picture = read_file(typed_path(Path(code)), MAX_BYTES)
    except (OSError, ValueError):
        raise InvalidInput(
            f"「{code}」は QR コードの文字でも、読める画像ファイルでもありません。ファイルの名前を確かめてください。",
            f"{code!r} is neither the text of a code nor a picture file that can be read; check its name.",
            field="code",
            code="qr_unreadable",
        ) from None
    return read_picture(picture)
