"""The commands as staff type them."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from typer.testing import CliRunner, Result

from town_cli.home import Home
from town_cli.main import app

PASSPHRASE = "three words here"


@dataclass(frozen=True)
class Office:
    """The folder of the town, and the commands as staff type them."""

    folder: Path

    @property
    def home(self) -> Home:
        """The town's folder as the commands see it."""
        return Home(self.folder / "town")

    def run(self, *words: str, language: str = "ja_JP.UTF-8", passphrase: str = PASSPHRASE) -> Result:
        """Type one command."""
        secret = self.folder / "passphrase"
        secret.write_text(passphrase, encoding="utf-8")
        environment = {
            "BANDAI_HOME": str(self.home.folder),
            "BANDAI_PASSPHRASE_FILE": str(secret),
            "LC_ALL": language,
        }
        return CliRunner().invoke(app, list(words), env=environment)

    def as_owner(self, statement: str, *values: object) -> None:
        """Change the books as nobody but the schema's owner can; what our processes may not do."""
        url = self.home.parts(self.home.program()).owner_url
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(statement.encode(), values)
