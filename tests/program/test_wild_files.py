"""Whatever stands in a file that a person gives, the answer is a sentence with a code."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from coin.clock import open_clock
from coin.errors import CoinError
from coin.keystore import list_keystore
from coin.merchant_file import read_merchants
from coin.parsing import MAX_FILE_BYTES
from coin.program import load_program
from town_cli.server.folder import Home
from wallet_cli.common.files import read_json
from wallet_cli.resident.home import read_receipt

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "bandai-2022" / "program.toml"
WILD = {
    "nothing": b"",
    "zeros": bytes(64),
    "deep lists": b"x = " + b"[" * 100_000,
    "deep JSON": b'{"a":' * 100_000,
    "closed deep JSON": b"[" * 100_000 + b"]" * 100_000,
    "a long number": b'{"offset_ms": ' + b"9" * 5_000 + b"}",
    "a long TOML number": b"x = " + b"9" * 5_000,
    "a long cell": b'number,"' + b"9" * 300_000,
    "another coding": "磐梯町".encode("cp932"),
    "half a pair": b'{"a": "\\ud800"}',
}


def town_of(path: Path) -> object:
    path.rename(path.with_name("town.json"))
    return Home(path.parent).places()


READERS: dict[str, Callable[[Path], object]] = {
    "rules": load_program,
    "shops": lambda path: read_merchants(path, load_program(EXAMPLE)),
    "keystore": list_keystore,
    "clock": lambda path: open_clock(path, is_demo=True),
    "town": town_of,
    "receipt": read_receipt,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", WILD)
def test_a_wild_file_is_refused_with_a_code(tmp_path: Path, reader: str, content: str) -> None:
    file = tmp_path / "given"
    file.write_bytes(WILD[content])

    with pytest.raises(CoinError) as refusal:
        READERS[reader](file)

    assert refusal.value.code
    assert len(refusal.value.ja) < 2_000


@pytest.mark.parametrize("reader", [load_program, list_keystore, read_json])
def test_a_file_without_an_end_is_not_read_whole(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    file = tmp_path / "given"
    with file.open("wb") as sparse:
        sparse.truncate(MAX_FILE_BYTES + 1)

    with pytest.raises(CoinError) as refusal:
        reader(file)

    assert refusal.value.code == "file_too_large"


def test_what_others_wrote_is_parsed_in_one_place() -> None:
    allowed = {"coin/parsing.py", "coin/qr/photo.py", "api/validation.py"}
    files_of_ours = {"coin/chain/artifact/__init__.py", "api/catalogue.py", "api/reference.py"}
    parsers = {"json.loads", "json.load", "tomllib.loads", "tomllib.load", "Image.open"}
    folders = ("api", "bandai_client", "coin", "town_cli", "wallet_cli")
    calling = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in parsers
    }

    assert calling == allowed | files_of_ours
