"""docs/audit.md, typed as it stands, against a town that serves."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from manuals import DOCS, blocks, moved
from served import ServedTown

from coin.messages import Domain, town_fingerprint
from tests.private_files import write_secret

MANUAL = "audit.md"


def test_each_of_the_three_words_is_explained_as_the_glossary_has_it() -> None:
    text = (DOCS / MANUAL).read_text("utf-8")
    explained = dict(re.findall(r"^\* \*\*(.+?)\*\* .*?\*\*(.+?)\*\*", text, re.MULTILINE))
    rows = re.findall(r"^\| (\S+) \| ([^|]+) \|", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)

    assert explained.keys() == {"束", "未了", "差異"}
    assert {ja: en.lower() for ja, en in explained.items()}.items() <= dict(rows).items()


@pytest.mark.slow
def test_a_council_member_sees_from_outside_and_from_inside_what_the_town_says(
    demo: ServedTown, tmp_path: Path
) -> None:
    audit = tmp_path / "srv"
    audit.mkdir()
    write_secret(audit / "password", "the embedded database asks for none")
    places = {
        "https://coin.example.jp": demo.url,
        "https://node.example.jp": demo.home.places().node_url,
        "/opt/bandai/.venv/bin": str(Path(sys.executable).parent),
        "/srv/audit": str(audit),
    }
    environment = {**demo.environment(), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}

    def shell(label: str) -> str:
        text = moved(blocks(MANUAL, "sh")[label], places)
        done = subprocess.run(
            ["/bin/bash", "-euc", text], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert demo.type("settle", "--now").returncode == 0
    with demo.serving():
        outside = shell("outside")
        seen = shell("chain")
        shell("town")
        inside = shell("inside")

    pin = demo.home.pin()
    assert pin
    domain = Domain.for_municipality(demo.home.program().municipality.code, pin.chain_id, pin.contract)
    assert "verifyingContract" in outside
    assert "the published code: True" in seen
    assert f"the town's fingerprint: {town_fingerprint(domain, pin.receipt_key)}" in seen
    assert "差異 0 件、未了 0 件" in inside
