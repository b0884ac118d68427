"""Checks of the town's folder: permissions, keys, the rules file, disk space."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from coin.errors import CoinError
from coin.keyring import STAFF, channel_office
from coin.program import Program
from town_cli.server.doctor.finding import Finding, Question
from town_cli.server.folder import Home

FOLDER = Question("folder", "町のフォルダー", "the town's folder")
KEYS = Question("keys", "鍵のファイル", "key files")
RULES = Question("rules", "事業の決まり（program.toml）", "rules (program.toml)")
DISK = Question("disk", "ディスクの空き", "free disk space")


def folder(home: Home) -> Finding:
    """Check that only we can read the folder and its keys."""
    places = [home.folder, home.keyring.folder]
    wrong = [path for path in places if not path.is_dir() or _is_open(path)]
    names = " ".join(map(str, wrong))
    return FOLDER.judge(
        not wrong,
        well=("本人だけが入れます", "nobody else can enter"),
        wrong=(f"ほかの人が入れるか、ありません: {names}", f"others can enter, or it is missing: {names}"),
        cure=(f"chmod 700 {names}", f"chmod 700 {names}"),
    )


def keys(home: Home, program: Program | None) -> Finding:
    """Check that every key for the commands of this machine exists, and that nobody else can read any."""
    missing = [path for path in _needed(home, program) if not path.exists()]
    if missing:
        names = " ".join(path.name for path in missing)
        return KEYS.problem(
            f"ありません: {names}",
            f"missing: {names}",
            cure=(
                f"控えから {home.folder} に戻してください",
                f"restore them to {home.folder} from your copy",
            ),
        )
    there = [*home.keyring.folder.iterdir(), home.receipts_key_path, home.personal_key_path]
    readable = [path for path in there if _is_open(path)]
    names = " ".join(map(str, readable))
    return KEYS.judge(
        not readable,
        well=(f"{len(there)} 個、本人だけが読めます", f"{len(there)} files that nobody else can read"),
        wrong=(f"ほかの人が読めます: {names}", f"others can read: {names}"),
        cure=(
            f"chmod 600 {names}(読まれたおそれがあれば発行者に知らせてください。この版に鍵を替える命令はありません)",
            f"chmod 600 {names} (and tell the issuer, if somebody may have read them: no command of this release replaces a key)",
        ),
    )


def rules(home: Home) -> tuple[Finding, Program | None]:
    """Check that the rules file exists and has no mistake."""
    try:
        program = home.program()
    except CoinError as error:
        cure = (
            "docs/program.md を見て直してください（台帳の決まりと同じに戻します）",
            "see docs/program.md; it must be what it was at deploy",
        )
        return RULES.problem(error.ja, error.en, cure=cure), None
    name, year = program.municipality, program.period.fiscal_year
    return RULES.ok(f"{name.name_ja} {year}年度", f"{name.name_en}, fiscal {year}"), program


def disk(home: Home, least_free_bytes: int) -> Finding:
    """Check that there is disk space for books and chain to grow."""
    free = shutil.disk_usage(home.folder).free
    size = f"{free / 1e9:,.1f} GB"
    return DISK.judge(
        free >= least_free_bytes,
        well=(size, size),
        wrong=(f"残り {size}", f"{size} left"),
        cure=(
            f"{least_free_bytes / 1e9:,.1f} GB 以上あけてください",
            f"free at least {least_free_bytes / 1e9:,.1f} GB",
        ),
    )


def _needed(home: Home, program: Program | None) -> Iterator[Path]:
    channels = [channel_office(item.id) for item in program.channels] if program else []
    for office in (*STAFF, "settler", "cashier", "grants", *channels):
        yield home.keyring.keystore(office)
    yield from (home.receipts_key_path, home.personal_key_path)


def _is_open(path: Path) -> bool:
    status = path.stat()
    return bool(stat.S_IMODE(status.st_mode) & 0o077) or status.st_uid != os.geteuid()
