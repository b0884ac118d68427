"""The program of docs/integration.md that uses the client pays at a till, as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from coin.registry import pairing, tills
from tests.worlds.people import key_of

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "integration.md").read_text("utf-8")


def test_a_till_and_a_payer_of_twenty_lines_pay_and_take_the_receipt_once(line, tmp_path):
    (program,) = re.findall(r"```python client\n(.*?)```", MANUAL, re.DOTALL)
    line.town.register("hana")
    line.town.charge("hana", 10_000)
    before = line.town.balance("hana")
    with line.town.books() as books:
        code = pairing.make(books, tills.create(books, 1, "レジ 2")).text
    settings = {
        "GATEWAY": line.url,
        "KEY": "0x" + key_of("hana").hex(),
        "PAIRING_CODE": code,
        "FOLDER": str(tmp_path),
        "AMOUNT": "777",
        "PYTHONIOENCODING": "utf-8",
    }

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    shop, amount, payment, balance = done.stdout.split()
    assert (shop, int(amount), int(balance)) == ("商店1", 777, before - 777)
    assert line.town.shop_balance(1) == 777
    assert (tmp_path / "receipts.txt").read_text("ascii").split() == [payment.removeprefix("0x")]
    assert len(program.splitlines()) <= 22
