"""An encrypted file of private keys: named keys under one passphrase.

Decides how keys are stored. Knows no role, chain or network. Names and addresses are in clear text, so that a program can
list them without the passphrase. They are authenticated as AES-GCM's associated data, so that nobody can swap them.
Source:  RFC 7914 (scrypt), NIST SP 800-38D (AES-256-GCM).
"""

import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from coin import core
from coin.errors import InvalidInput, MalformedBatch, NotFound, Unauthorized
from coin.messages import checksum_address
from coin.parsing import parse_json, read_file
from coin.secret_text import forms, secret_form

FORMAT = "bandai-keystore"
VERSION = 1
COST_LOG2 = 17
_COSTS = range(10, 21)
_BLOCK_SIZE = 8
_KEY_SIZE = 32
_SECRET_SIZE = 32


def new_secret() -> bytes:
    """Return a fresh private key of secp256k1."""
    return PrivateKey().secret


@dataclass(frozen=True)
class KeyEntry:
    """The clear-text entry of a key in a keystore."""

    name: str
    address: bytes


@dataclass(frozen=True, repr=False)
class Keys:
    """Private keys by name, in memory; the text of this object shows only the names."""

    secrets: Mapping[str, bytes]

    def secret(self, name: str) -> bytes:
        """Return the private key of that name.

        Raises:  NotFound (`key_unknown`).
        """
        if name not in self.secrets:
            raise NotFound(
                f"鍵ファイルに「{name}」の鍵がありません。",
                f"The keystore has no key named {name}.",
                field="key",
                code="key_unknown",
            )
        return self.secrets[name]

    def address(self, name: str) -> bytes:
        """Return the address of the key of that name. Raises: as `secret`."""
        return core.addresses(self.secret(name))

    def __repr__(self) -> str:
        return f"Keys({', '.join(sorted(self.secrets))})"


def write_keystore(
    path: Path, secrets_by_name: Mapping[str, bytes], passphrase: str, *, cost_log2: int = COST_LOG2
) -> None:
    """Encrypt the keys into `path`, readable only by its owner; the file is replaced atomically.

    The passphrase counts in its one form (coin/secret_text.py).

    Cost:    2^cost_log2 × 1 KiB of memory; 17 takes about 0.4 s.
    """
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "kdf": {"name": "scrypt", "cost_log2": cost_log2, "salt": salt.hex()},
        "nonce": nonce.hex(),
        "keys": [
            {"name": name, "address": checksum_address(core.addresses(secret))}
            for name, secret in sorted(secrets_by_name.items())
        ],
    }
    plain = b"".join(secret for _, secret in sorted(secrets_by_name.items()))
    sealed = AESGCM(_stretch(secret_form(passphrase), salt, cost_log2)).encrypt(nonce, plain, _bound(header))
    _replace(path, json.dumps({**header, "ciphertext": sealed.hex()}, indent=1))


def list_keystore(path: Path) -> tuple[KeyEntry, ...]:
    """Return the names and addresses in the file; no passphrase is needed.

    Raises:  InvalidInput (`keystore_invalid`), NotFound (`keystore_missing`).
    """
    return _entries(_read(path), path)


def open_keystore(path: Path, passphrase: str) -> Keys:
    """Decrypt every key of the file, with the passphrase in its one form or as earlier releases took it.

    Raises:  Unauthorized (`passphrase_wrong`), if the passphrase is wrong or the file was changed;
             InvalidInput (`keystore_invalid`); NotFound (`keystore_missing`).
    """
    content = _read(path)
    entries = _entries(content, path)
    try:
        kdf = content["kdf"]
        salt, cost_log2 = bytes.fromhex(kdf["salt"]), _checked_cost(kdf["cost_log2"])
        nonce, sealed = bytes.fromhex(content["nonce"]), bytes.fromhex(content["ciphertext"])
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid(path) from error
    header = {name: value for name, value in content.items() if name != "ciphertext"}
    for form in forms(passphrase):
        with suppress(InvalidTag):
            plain = AESGCM(_stretch(form, salt, cost_log2)).decrypt(nonce, sealed, _bound(header))
            break
    else:
        raise Unauthorized(
            f"鍵ファイル {path.name} のパスフレーズが違います。",
            f"The passphrase of {path.name} is wrong.",
            field="passphrase",
            code="passphrase_wrong",
        )
    parts = [plain[i : i + _KEY_SIZE] for i in range(0, len(plain), _KEY_SIZE)]
    return Keys({entry.name: part for entry, part in zip(entries, parts, strict=True)})


def _checked_cost(cost_log2: object) -> int:
    if not isinstance(cost_log2, int) or cost_log2 not in _COSTS:
        raise ValueError("cost out of range")
    return cost_log2


def _stretch(passphrase: str, salt: bytes, cost_log2: int) -> bytes:
    scrypt = Scrypt(salt=salt, length=_KEY_SIZE, n=1 << cost_log2, r=_BLOCK_SIZE, p=1)
    return scrypt.derive(passphrase.encode())


def _bound(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        content = parse_json(read_file(path))
    except FileNotFoundError as error:
        raise NotFound(
            f"鍵ファイル {path.name} がありません。",
            f"There is no keystore {path.name}.",
            field="keystore",
            code="keystore_missing",
        ) from error
    except (OSError, ValueError) as error:
        raise _invalid(path) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise _invalid(path)
    return content


def _entries(content: Mapping[str, Any], path: Path) -> tuple[KeyEntry, ...]:
    try:
        return tuple(
            KeyEntry(str(item["name"]), bytes.fromhex(item["address"][2:])) for item in content["keys"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid(path) from error


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _invalid(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path.name} は鍵ファイルではないか、壊れています。",
        f"{path.name} is not a keystore, or it is damaged.",
        field="keystore",
        code="keystore_invalid",
    )


def read_key_file(path: Path) -> bytes:
    """Return the one private key of a plain file: 0x and 64 hex digits, readable by its owner only.

    For a service that starts unattended, so that nobody can type a passphrase.
    Raises:  InvalidInput (`key_file_invalid`), if it is missing, is malformed, or others can read it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise _bad_key_file(path, "ファイルを開けません", "cannot be opened") from error
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.geteuid():
            raise _bad_key_file(
                path,
                "本人だけが読めるファイル (0600) にしてください",
                "must have mode 0600 and belong to this user",
            )
        return _one_key(file.read(80), path)


def read_key_descriptor(descriptor: int) -> bytes:
    """Return the one private key that a parent process wrote to a pipe, in the form of a plain key file; then close the
    pipe.

    Raises:  InvalidInput (`key_file_invalid`).
    """
    path = Path(f"fd {descriptor}")
    try:
        with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
            return _one_key(file.read(80), path)
    except OSError as error:
        raise _bad_key_file(path, "ファイルを開けません", "cannot be opened") from error


def _one_key(text: str, path: Path) -> bytes:
    try:
        secret = bytes.fromhex(text.strip().removeprefix("0x"))
        core.addresses(_whole(secret))
    except (ValueError, MalformedBatch) as error:
        raise _bad_key_file(
            path, "0x と 64 桁の16進数ではありません", "is not 0x and 64 hex digits"
        ) from error
    return secret


def _whole(secret: bytes) -> bytes:
    if len(secret) != _SECRET_SIZE:  # a shorter one would be padded with zeros
        raise ValueError(len(secret))
    return secret


def _bad_key_file(path: Path, ja: str, en: str) -> InvalidInput:
    return InvalidInput(
        f"鍵ファイル {path.name}: {ja}。",
        f"The key file {path.name} {en}.",
        field="key_file",
        code="key_file_invalid",
    )
