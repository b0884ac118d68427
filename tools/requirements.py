"""Prints the requirements of pyproject.toml (run time and development), for a pip that knows no dependency groups."""

import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
ours = {"bandai-coin-native"}
wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
print("\n".join(line for line in wanted if line not in ours))
