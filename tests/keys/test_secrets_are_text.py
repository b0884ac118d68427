"""A passphrase is what a person reads: each way to write it opens the same key, and keys of earlier releases still open."""

import json
import secrets
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coin.errors import InvalidInput, Unauthorized
from coin.keystore import _bound, _stretch, open_keystore, write_keystore
from coin.secret_text import forms, read_secret_file, secret_form
from tests.private_files import write_secret

SECRET = bytes(31) + b"\x07"
COMPOSED = "ばんだい町の２０２６年"
SPELLINGS = {
    "composed": COMPOSED,
    "decomposed, as a Mac writes it": unicodedata.normalize("NFD", COMPOSED),
    "half-width digits": "ばんだい町の2026年",
    "with a byte-order mark": "\ufeff" + COMPOSED,
    "with the ends of lines": COMPOSED + "\r\n\n",
}
write = partial(write_keystore, cost_log2=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "staff-1.json"


@pytest.mark.parametrize("opened_with", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("written_with", SPELLINGS.values(), ids=SPELLINGS)
def test_each_way_to_write_a_passphrase_opens_what_any_other_closed(
    path: Path, written_with: str, opened_with: str
) -> None:
    write(path, {"staff-1": SECRET}, written_with)

    assert open_keystore(path, opened_with).secret("staff-1") == SECRET


@pytest.mark.parametrize(
    "raw", [*SPELLINGS.values(), unicodedata.normalize("NFKC", "\ufeff" + COMPOSED)], ids=ascii
)
def test_a_key_of_an_earlier_release_opens_with_the_text_that_closed_it(path: Path, raw: str) -> None:
    write_as_before(path, raw)

    assert open_keystore(path, raw).secret("staff-1") == SECRET


def test_another_passphrase_opens_nothing(path: Path) -> None:
    write(path, {"staff-1": SECRET}, COMPOSED)

    with pytest.raises(Unauthorized):
        open_keystore(path, "ばんだい町の2027年")


def test_plain_letters_have_one_form_and_cost_one_guess() -> None:
    assert forms("three words here") == ("three words here",)
    assert secret_form("\ufeffabcdefgh12\n") == "abcdefgh12"


def test_a_file_gives_its_text_whatever_editor_saved_it(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "new", "\ufeffabcdefgh12\r\n")

    assert secret_form(read_secret_file(file, "X_FILE")) == "abcdefgh12"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_can_read_is_refused_by_name_with_what_to_type(
    tmp_path: Path, mode: int
) -> None:
    file = write_secret(tmp_path / "passphrase", "open sesame")
    file.chmod(mode)

    with pytest.raises(InvalidInput) as refused:
        read_secret_file(file, "X_FILE")

    assert refused.value.code == "secret_file_open"
    assert f"chmod 600 {file}" in refused.value.ja
    assert f"chmod 600 {file}" in refused.value.en
    assert "sesame" not in str(refused.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "passphrase", "")
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidInput) as refused:
        read_secret_file(file, "X_FILE")

    assert refused.value.code == "secret_file_unreadable"


def write_as_before(path: Path, passphrase: str) -> None:
    """Close a key with the text as it comes, as releases did that knew no form of it."""
    write(path, {"staff-1": SECRET}, "another")
    content = json.loads(path.read_text("utf-8"))
    header = {name: value for name, value in content.items() if name != "ciphertext"}
    nonce = secrets.token_bytes(12)
    header["nonce"] = nonce.hex()
    key = _stretch(passphrase, bytes.fromhex(header["kdf"]["salt"]), header["kdf"]["cost_log2"])
    sealed = AESGCM(key).encrypt(nonce, SECRET, _bound(header))
    path.write_text(json.dumps({**header, "ciphertext": sealed.hex()}), "utf-8")
