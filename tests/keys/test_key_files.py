"""A service reads its one key from a file that only its owner can read, and from nothing else."""

from pathlib import Path

import pytest

from coin.errors import InvalidInput
from coin.keystore import read_key_file

SECRET = bytes(range(1, 33))


def key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "receipts.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("text", ["0x" + SECRET.hex(), SECRET.hex() + "\n"])
def test_a_key_is_read(tmp_path: Path, text: str) -> None:
    assert read_key_file(key_file(tmp_path, text)) == SECRET


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x12", "0x" + "00" * 32, "0x" + "ff" * 32, "0x" + "11" * 31, "0x" + "11" * 33, "鍵" * 32],
)
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_key_file(key_file(tmp_path, text))

    assert refusal.value.code == "key_file_invalid"
    assert len(text) < 8 or text not in str(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InvalidInput, match="0600"):
        read_key_file(key_file(tmp_path, "0x" + SECRET.hex(), mode))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.key"
    link.symlink_to(key_file(tmp_path, "0x" + SECRET.hex()))

    with pytest.raises(InvalidInput):
        read_key_file(link)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"gone\.key"):
        read_key_file(tmp_path / "gone.key")
