#!/bin/sh
# Names everything that is missing on this machine in one line, before anything is downloaded.
missing=""
add() { missing="${missing:+$missing; }$1"; }
rust_wanted=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' native/Cargo.toml | head -n 1)

version_at_least() { # have wanted
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

if ! command -v "${PYTHON:-python3}" >/dev/null 2>&1; then
    add "Python 3.11+ がありません / Python 3.11+ is missing"
elif ! "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    add "Python 3.11+ が必要です / Python 3.11+ is needed"
elif ! "${PYTHON:-python3}" -c 'import venv, ensurepip' 2>/dev/null; then
    add "Python の venv がありません(例: apt install python3-venv)/ Python's venv is missing"
fi
command -v cc >/dev/null 2>&1 || add "C コンパイラ(cc)がありません / a C compiler (cc) is missing"
command -v make >/dev/null 2>&1 || add "make がありません / make is missing"
if ! command -v cargo >/dev/null 2>&1; then
    add "Rust ${rust_wanted}+(rustup)がありません / Rust ${rust_wanted}+ is missing"
elif ! version_at_least "$(cargo --version | cut -d' ' -f2)" "$rust_wanted"; then
    add "Rust ${rust_wanted}+ が必要です($(cargo --version))/ Rust ${rust_wanted}+ is needed"
fi

if [ -n "$missing" ]; then
    echo "足りないもの / missing: $missing" >&2
    exit 1
fi
