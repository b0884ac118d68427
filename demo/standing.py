"""The permanent demo: one folder with a town, a resident's wallet and a shop's till, made at the first start.

Decides which steps are finished: after an interrupted start an unfinished step is done again from the beginning. Secrets are
random, in files with mode 0600, in a folder that nobody else can enter; the commands in `bin/` read them there, so that none
gets into a shell history. This is only for a demo: a real town's staff type their passphrase.
"""

import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from coin.chain.anvil import is_port_free
from coin.clock import SystemClock
from coin.console import EXIT_NUMBERS
from coin.console.output import progress
from coin.database.embedded import EmbeddedPostgres
from coin.errors import CoinError, Conflict
from coin.merchant_file import read_merchants
from coin.registry.personal import open_personal_data
from demo.today import write_example
from town_cli.commands.clerk import actor, staff_of
from town_cli.desk.merchant_import import register_shops
from town_cli.server.deployment import deploy_town, local_chain
from town_cli.server.folder import Home
from town_cli.server.lock import LOCK
from town_cli.server.supervisor import Address

SHOP, TILL = 1, "レジ1"
MARK = "made-by-make-serve"  # nothing is written or deleted in a folder without it
_THERE_ALREADY = dict(EXIT_NUMBERS)[Conflict]


class Standing:
    """The folder of the demo."""

    def __init__(self, folder: Path, example: Path) -> None:
        self.folder = folder.resolve()
        self.home = Home(self.folder / "town")
        self._example = example

    def make_folder(self) -> None:
        """Create the folder, readable only by its owner.

        Raises:  Conflict (`folder_in_use`), if it contains files that are not of this demo: `destroy` would delete them.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self.folder.iterdir()) and not (self.folder / MARK).exists():
            raise _conflict(
                "folder_in_use",
                f"{self.folder} にはこのデモのものではないファイルがあります。別の場所を選んでください。",
                f"{self.folder} holds files that are not this demo's; choose another folder.",
                field="folder",
            )
        (self.folder / MARK).touch()
        self.folder.chmod(0o700)

    def destroy(self) -> None:
        """Delete the demo with its books, its chain and its keys; the folder, its mark and its lock stay."""
        EmbeddedPostgres(self.home.data_folder).destroy()
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in (LOCK, MARK):
                path.unlink()

    def address(self, port: int | None, usual_port: int) -> Address:
        """Return the gateway's address, the same as at the first start, because wallet and till store it.

        Raises:  Conflict (`port_kept`, `port_busy`).
        """
        file = self.folder / "port"
        kept = int(file.read_text(encoding="ascii")) if file.exists() else port or usual_port
        if port not in (None, kept):
            raise _conflict(
                "port_kept",
                f"このデモはポート {kept} で始めました。変えるには make serve-anew PORT={port}（最初から）。",
                f"This demo began on port {kept}; make serve-anew PORT={port} begins from nothing.",
            )
        if not is_port_free(kept):
            raise _conflict(
                "port_busy",
                f"ポート {kept} はほかのプログラムが使っています。最初なら make serve PORT=… で選べます。",
                f"Port {kept} is in use; at a first start make serve PORT=… chooses another.",
            )
        return Address("127.0.0.1", kept)

    # ------------------------------------------------------------ the town

    @property
    def has_town(self) -> bool:
        """Whether a town was opened, with its shops."""
        return (self.folder / "town.ready").exists()

    def open_town(self) -> str:
        """Open the town of this fiscal year, unless it exists; return the passphrase of its keys."""
        if self.has_town:
            return self._secret("passphrase")
        if self.home.folder.exists():
            progress("前回の準備が途中だったので、やり直します", "the last start was interrupted: once more")
            self.destroy()
        rules = write_example(self._example, SystemClock().now_ms())
        passphrase = self._secret("passphrase")
        deploy_town(self.home, rules, local_chain(), passphrase)
        with self.home.open() as town:
            rows = read_merchants(self._example / "merchants.csv", town.municipality.program)
            keyring, personal = self.home.keyring, open_personal_data(self.home.personal_key_path)
            staff = staff_of(keyring, passphrase)
            register_shops(town.books, staff, personal, keyring, passphrase, rows, actor=actor())
        (self.folder / "town.ready").touch()
        return passphrase

    # ------------------------------------------------------------ the people

    def admit_people(self, address: Address) -> str:
        """Give the resident a wallet and the shop a till, unless they have them; the gateway must answer.

        Returns: the wallet's address.
        """
        url = address.url
        (self.folder / "port").write_text(str(address.port), encoding="ascii")
        self._write_commands()
        done = self.folder / "people.ready"
        if not done.exists():
            progress(
                "住民のウォレットと店のレジを用意しています",
                "preparing a resident's wallet and a shop's till",
            )
            shutil.rmtree(self.folder / "resident", ignore_errors=True)
            shutil.rmtree(self.folder / "till", ignore_errors=True)
            made = self.run("bandai-wallet", "create", "--gateway", url, "--json")
            self.run("bandai-wallet", "register", "--json")
            self.run("bandai-till", "pair", self._pairing_code(), "--gateway", url, "--json")
            done.write_text(json.loads(made)["address"], encoding="ascii")
        return done.read_text(encoding="ascii")

    def command(self, name: str, *words: str) -> str:
        """Return the command line that a person can type in any folder."""
        return shlex.join([str(self.folder / "bin" / name), *words])

    def run(self, name: str, *words: str) -> str:
        """Run a command and return its output.

        Raises:  CoinError with the command's message, if its exit code is not 0.
        """
        return _said(name, self._typed(name, *words))

    def _typed(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        line = [str(self.folder / "bin" / name), *words]
        # In a separate session, so that Ctrl-C reaches only the demo, which waits for the command and then ends.
        return subprocess.run(
            line,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _pairing_code(self) -> str:
        words = ("tills", "create", str(SHOP), TILL, "--json")
        done = self._typed("bandai-town", *words)
        if done.returncode == _THERE_ALREADY:
            return _code_in(self.run("bandai-town", "tills", "pair", *words[2:]))
        return _code_in(_said("bandai-town", done))

    def _write_commands(self) -> None:
        """Write the commands of this town: each sets its folder and its secret and starts the real one."""
        folder = self.folder / "bin"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._secret("resident.password")
        for name, settings in self._settings().items():
            exports = "".join(f"export {variable}={value}\n" for variable, value in settings.items())
            real = shlex.quote(str(Path(sys.executable).parent / name))
            file = folder / name
            file.write_text(f'#!/bin/sh\n{exports}exec {real} "$@"\n', encoding="utf-8")
            file.chmod(0o700)

    def _settings(self) -> dict[str, dict[str, str]]:
        """Return the environment variables of each command, as shell text; no command gets another one's secret."""

        def place(name: str) -> str:
            return shlex.quote(str(self.folder / name))

        return {
            "bandai-town": {"BANDAI_HOME": place("town"), "BANDAI_PASSPHRASE_FILE": place("passphrase")},
            "bandai-till": {"BANDAI_TILL_HOME": place("till")},
            "bandai-wallet": {
                "BANDAI_WALLET_HOME": place("resident"),
                "BANDAI_WALLET_PASSWORD_FILE": place("resident.password"),
            },
        }

    def _secret(self, name: str) -> str:
        """Return a random passphrase from a private file; it is made once."""
        file = self.folder / name
        if not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as made:
                made.write(secrets.token_urlsafe(24))
        return file.read_text(encoding="ascii")


def _conflict(code: str, ja: str, en: str, field: str = "port") -> Conflict:
    return Conflict(ja, en, field=field, code=code)


def _said(name: str, done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        raise CoinError(f"{name}: {done.stderr.strip()}", f"{name}: {done.stderr.strip()}")
    return done.stdout


def _code_in(answer: str) -> str:
    return str(json.loads(answer)["pairing_code"])
