"""What a program may import from the client is what the package names, and each of it says what it is."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import bandai_client


def test_the_list_of_public_names_holds_each_that_is_defined_and_no_other():
    defined = {name for name in vars(bandai_client) if not name.startswith("_")}

    assert sorted(bandai_client.__all__) == sorted(defined)
    assert bandai_client.__all__ == sorted(bandai_client.__all__)


def test_every_public_class_and_function_says_what_it_promises():
    promised = [getattr(bandai_client, name) for name in bandai_client.__all__ if name != "Json"]

    assert [one.__name__ for one in promised if not inspect.getdoc(one)] == []
    assert {one.__module__.partition(".")[0] for one in promised} == {"bandai_client"}


def test_a_program_that_imports_the_client_loads_no_command_line_no_database_and_no_chain():
    unwanted = (
        "typer",
        "sqlalchemy",
        "psycopg",
        "web3",
        "fastapi",
        "eth_account",
        "coin.console",
        "wallet_cli",
    )
    program = f"import sys, bandai_client; print([m for m in {unwanted!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_client_says_no_word_of_a_command():
    sources = sorted(Path(bandai_client.__file__).parent.glob("*.py"))

    said = [
        word
        for path in sources
        for word in re.findall(r"(?<![\w-])--?[a-z]{2,}|bandai-\w+", path.read_text("utf-8"))
    ]

    assert said == []
