"""The preflight names everything that is missing in one line, before anything is downloaded."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = ("sh", "sed", "head", "sort", "cut", "printf")
PROGRAMS = {
    "python3": "exit 0",
    "cc": "exit 0",
    "make": "exit 0",
    "cargo": 'echo "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"',
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that has everything; a test takes some away."""
    for name in SHELL:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    for name, says in PROGRAMS.items():
        _install(tmp_path, name, says)
    return tmp_path


def _install(machine: Path, name: str, says: str) -> None:
    (machine / name).write_text(f"#!{machine / 'sh'}\n{says}\n")
    (machine / name).chmod(0o755)


def _preflight(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / "sh"), str(ROOT / "tools" / "preflight.sh")],
        cwd=ROOT,
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_machine_is_let_through_without_a_word(machine: Path) -> None:
    done = _preflight(machine)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_everything_that_is_missing_stands_in_one_line(machine: Path) -> None:
    for name in PROGRAMS:
        (machine / name).unlink()

    done = _preflight(machine)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in ("Python 3.11+", "cc", "make", "Rust 1."))


@pytest.mark.parametrize("version", ["1.63.0", "1.9.0"])
def test_a_rust_that_is_too_old_is_named_with_the_version_that_is_needed(machine: Path, version: str) -> None:
    _install(machine, "cargo", f'echo "cargo {version} (abc 2022-08-11)"')

    done = _preflight(machine)

    assert done.returncode == 1
    assert "Rust 1." in done.stderr
    assert version in done.stderr


def test_a_python_without_venv_is_named(machine: Path) -> None:
    _install(machine, "python3", 'case "$2" in *venv*) exit 1;; esac')

    done = _preflight(machine)

    assert done.returncode == 1
    assert "venv" in done.stderr
