"""Files with a secret, as a careful person keeps them."""

from pathlib import Path


def write_secret(path: Path, text: str) -> Path:
    """Write a secret that nobody else can read; gives its path."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
    return path
