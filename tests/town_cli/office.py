"""The commands as staff type them."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from typer.testing import CliRunner, Result

from tests.private_files import write_secret
from town_cli.main import app
from town_cli.server.folder import Home

PASSPHRASE = "three words here"


@dataclass(frozen=True)
class Office:
    """The folder of the town, and the commands as staff type them."""

    folder: Path

    @property
    def home(self) -> Home:
        """The town's folder as the commands see it."""
        return Home(self.folder / "town")

    def environment(self, passphrase: str = PASSPHRASE) -> dict[str, str]:
        """What the person has set in the terminal."""
        secret = write_secret(self.folder / "passphrase", passphrase)
        ours = {"BANDAI_HOME": str(self.home.folder), "BANDAI_PASSPHRASE_FILE": str(secret)}
        return {**os.environ, **ours, "LC_ALL": "C.UTF-8"}

    def command(self, *words: str) -> list[str]:
        """The line of a command that runs as a process of its own."""
        return [sys.executable, "-c", "from town_cli.main import main; main()", *words]

    def run(
        self,
        *words: str,
        language: str = "ja_JP.UTF-8",
        passphrase: str = PASSPHRASE,
        answers: str = "はい\n" * 3,
        **others: str,
    ) -> Result:
        """Type one command, and `answers` when it asks; `others` are a `second_passphrase` and a `new_passphrase`."""
        environment = self.environment(passphrase) | {"LC_ALL": language}
        for name, text in others.items():
            environment[f"BANDAI_{name.upper()}_FILE"] = str(write_secret(self.folder / name, text))
        return CliRunner().invoke(app, list(words), input=answers, env=environment)

    def as_owner(self, statement: str, *values: object) -> None:
        """Change the books as nobody but the schema's owner can; what our processes may not do."""
        url = self.home.parts(self.home.program()).owner_url
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(statement.encode(), values)
