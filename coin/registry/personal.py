"""Personal data: names, bank accounts and everything that identifies a person. They are only here, and encrypted.

AES-256-GCM with a fresh nonce for each row. Municipality and subject are authenticated too, so that a row cannot be moved to
another subject. The key of the office is in a file outside the data folder, readable only by its owner. The gateway does not
have it: what tills write is sealed with a key that is derived from the gateway's one secret (ADR 0031).
Keeps:   I-12. Source: NIST SP 800-38D, RFC 5869.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from coin.database.database import Conn
from coin.errors import Conflict, Forbidden, InvalidInput, NotFound
from coin.parsing import parse_json

_KEY_SIZE = 32
_NONCE_SIZE = 12


class PersonalData:
    """Reads and writes personal data with one key, which is never shown."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_SIZE:
            raise InvalidInput("鍵は 32 バイトです。", "The key has 32 bytes.", field="key")
        self._cipher = AESGCM(key)

    def put(self, connection: Conn, municipality_code: str, subject: str, facts: Mapping[str, str]) -> None:
        """Store the data of a subject, for example `merchant:000012`, replacing earlier data."""
        nonce = secrets.token_bytes(_NONCE_SIZE)
        text = json.dumps(dict(facts), ensure_ascii=False, sort_keys=True).encode()
        sealed = nonce + self._cipher.encrypt(nonce, text, _bound_to(municipality_code, subject))
        connection.execute(
            """INSERT INTO personal_data (municipality, subject, ciphertext) VALUES (%s, %s, %s)
               ON CONFLICT (municipality, subject) DO UPDATE SET ciphertext = excluded.ciphertext""",
            [municipality_code, subject, sealed],
        )

    def get(self, connection: Conn, municipality_code: str, subject: str) -> dict[str, str]:
        """Return the data of a subject.

        Raises:  NotFound (`personal_data_unknown`); Forbidden (`personal_data_sealed`), if the key does not decrypt them.
        """
        row = connection.execute(
            "SELECT ciphertext FROM personal_data WHERE municipality = %s AND subject = %s",
            [municipality_code, subject],
        ).fetchone()
        if row is None:
            raise NotFound(
                "個人情報が見つかりません。", "Nothing is stored about it.", code="personal_data_unknown"
            )
        return self._open(row["ciphertext"], municipality_code, subject)

    def readable(
        self, connection: Conn, municipality_code: str, subjects: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        """Return the data of those subjects that have any which this key decrypts."""
        rows = connection.execute(
            "SELECT subject, ciphertext FROM personal_data WHERE municipality = %s AND subject = ANY (%s)",
            [municipality_code, list(subjects)],
        ).fetchall()
        opened: dict[str, dict[str, str]] = {}
        for row in rows:
            with suppress(Forbidden):
                opened[row["subject"]] = self._open(row["ciphertext"], municipality_code, row["subject"])
        return opened

    def _open(self, sealed: bytes, municipality_code: str, subject: str) -> dict[str, str]:
        try:
            text = self._cipher.decrypt(
                sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _bound_to(municipality_code, subject)
            )
        except InvalidTag:
            raise Forbidden(
                "この鍵では個人情報を開けません。",
                "This key does not open it, or the row was changed.",
                code="personal_data_sealed",
            ) from None
        return {str(name): str(value) for name, value in parse_json(text).items()}


def derived_key(secret: bytes, purpose: str) -> bytes:
    """Return the key for one purpose that a process derives from its one secret; it tells nothing about the secret."""
    return HKDF(SHA256(), _KEY_SIZE, salt=None, info=f"bandai coin: {purpose}".encode()).derive(secret)


def create_key_file(path: Path, *, data_folder: Path) -> None:
    """Create a key in a new file, readable only by its owner.

    Raises:  InvalidInput (`key_in_data_folder`), if the file would be in the folder of the data that it protects;
             Conflict (`key_file_exists`): a key is never overwritten.
    """
    if path.resolve().is_relative_to(data_folder.resolve()):
        raise InvalidInput(
            "鍵はデータのフォルダーの外に置いてください。",
            "The key must be outside the data folder.",
            field="key_file",
            code="key_in_data_folder",
        )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(
            "鍵のファイルがすでにあります。", "The key file exists already.", code="key_file_exists"
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_SIZE))


def open_personal_data(path: Path) -> PersonalData:
    """Open with the key in a file.

    Raises:  NotFound (`key_file_unknown`); Forbidden (`key_file_open`), if others can read the file; InvalidInput, if it is
             not a key.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "鍵のファイルがありません。", "There is no key file.", code="key_file_unknown"
        ) from None
    if mode & 0o077:
        raise Forbidden(
            "鍵のファイルをほかの人が読めます（0600 にしてください）。",
            "Others can read the key file; set it to 0600.",
            code="key_file_open",
        )
    return PersonalData(key)


def _bound_to(municipality_code: str, subject: str) -> bytes:
    return f"{municipality_code}/{subject}".encode()
