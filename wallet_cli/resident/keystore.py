"""A person's keystore file: many keys under one password.

Decides who may read the file, which names and keys it may contain, and that no key is lost when two programs add at once.
The encryption is in `coin.keystore`: scrypt and AES-256-GCM, replaced atomically.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bandai_client import Key
from coin.errors import Conflict, InvalidInput, NotFound, Unauthorized
from coin.keystore import KeyEntry, list_keystore, open_keystore, write_keystore
from coin.secret_text import secret_form
from wallet_cli.common.files import refuse_open_file

PASSWORD_MIN_CHARACTERS = 8


class Keystore:
    """An open keystore; it is decrypted once, when it is opened."""

    def __init__(self, path: Path, password: str, keys: Mapping[str, Key]) -> None:
        self._path = path
        self._password = password
        self._keys = dict(keys)

    @classmethod
    def create(cls, path: Path, password: str) -> "Keystore":
        """Create an empty file, readable only by its owner.

        Raises:  Conflict, if the file exists; InvalidInput, if the password is shorter than 8 characters.
        """
        _demand_long(password)
        with _locked(path):
            if path.exists():
                raise Conflict(
                    f"鍵のファイルがすでにあります: {path}",
                    f"The keystore exists already: {path}",
                    field="path",
                )
            write_keystore(path, {}, password)
        return cls(path, password, {})

    @classmethod
    def open(cls, path: Path, password: str) -> "Keystore":
        """Open a keystore with its password.

        Raises:  NotFound (keystore_missing); Unauthorized (passphrase_wrong);
                 InvalidInput (keystore_invalid, keystore_open_to_others).
        """
        return cls(path, password, _read(path, password))

    @classmethod
    def prepare(cls, path: Path, password: str, name: str) -> "Keystore":
        """Check that a key of this name can be added, and return the keystore; its file may be created with the first key.

        Raises:  as `open`; Conflict, if the name is taken; InvalidInput, if a new password is too short.
        """
        if not path.exists():
            _demand_long(password)
            return cls(path, password, {})
        store = cls.open(path, password)
        _refuse_name(name, store.keys)
        return store

    @classmethod
    def prepare_anew(cls, path: Path, password: str) -> "Keystore":
        """Return a keystore for a new password, whose file takes the place of one that nobody can open: `set_aside` first.

        Raises:  InvalidInput, if the password is too short.
        """
        _demand_long(password)
        return cls(path, password, {})

    @staticmethod
    def set_aside(path: Path, at: datetime) -> Path:
        """Keep a keystore that nobody can open under a name with the time. Returns: its new path."""
        aside = path.with_name(f"{path.stem}.{at:%Y-%m-%d-%H%M%S}{path.suffix}")
        with _locked(path):
            path.rename(aside)
        return aside

    @staticmethod
    def list(path: Path) -> tuple[KeyEntry, ...]:
        """Return names and addresses; no password is needed."""
        return list_keystore(path)

    @staticmethod
    def address(path: Path, name: str) -> bytes:
        """Return the address of a key; no password is needed.

        Raises:  NotFound (key_unknown); as `list`.
        """
        for entry in list_keystore(path):
            if entry.name == name:
                return entry.address
        raise _unknown(name)

    @property
    def keys(self) -> Mapping[str, Key]:
        """The keys by name."""
        return self._keys

    def get(self, name: str) -> Key:
        """Return the key of this name.

        Raises:  NotFound (key_unknown).
        """
        if name not in self._keys:
            raise _unknown(name)
        return self._keys[name]

    def add(self, new: Mapping[str, Key]) -> None:
        """Add keys to the file, all or none.

        Raises:  Conflict, if a name or a key is there already; as `open`, if the password was changed in the meantime.
        """
        with _locked(self._path):
            present = _read(self._path, self._password) if self._path.exists() else {}
            _refuse_doubles(present, new)
            together = {**present, **new}
            write_keystore(self._path, {name: key.secret for name, key in together.items()}, self._password)
            self._keys = together


def _unknown(name: str) -> NotFound:
    return NotFound(
        f"鍵のファイルに「{name}」の鍵がありません。",
        f"The keystore has no key named {name}.",
        field="name",
        code="key_unknown",
    )


def _demand_long(password: str) -> None:
    if len(secret_form(password)) < PASSWORD_MIN_CHARACTERS:
        raise InvalidInput(
            f"パスワードは {PASSWORD_MIN_CHARACTERS} 文字以上にしてください。",
            f"The password needs at least {PASSWORD_MIN_CHARACTERS} characters.",
            field="password",
        )


def _read(path: Path, password: str) -> dict[str, Key]:
    refuse_open_file(path, "keystore_open_to_others")
    try:
        opened = open_keystore(path, password)
    except Unauthorized as error:
        raise Unauthorized(
            "パスワードが違います。", "The password is wrong.", field="password", code=error.code
        ) from None
    return {name: Key(secret) for name, secret in opened.secrets.items()}


def _refuse_doubles(present: Mapping[str, Key], new: Mapping[str, Key]) -> None:
    for name, key in new.items():
        _refuse_name(name, present)
        if key in present.values():
            raise Conflict(f"この鍵はもうあります: {key}", f"The key is stored already: {key}", field="key")


def _refuse_name(name: str, present: Mapping[str, Key]) -> None:
    if name in present:
        raise Conflict(
            f"この名前の鍵はもうあります: {name}（--key で別の名前を付けられます）",
            f"The name is taken: {name} (--key names another)",
            field="name",
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
