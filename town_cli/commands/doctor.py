"""`bandai-town doctor`: checks the town, one line for each question; exits with 1 if there is a problem."""

from typing import Annotated

import typer

from coin.console.output import answer
from town_cli.commands.exits import DIFFERENCES
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.doctor.examination import examine
from town_cli.server.doctor.finding import State
from town_cli.server.folder import Home
from town_cli.server.lock import is_served

_IDLE = (
    "ただし、この機械で bandai-town serve は動いていません。API を別に動かしていなければ、支払いを受けられません。",
    " But bandai-town serve is not running on this machine: unless the API runs elsewhere, nobody can pay.",
)
_GIGABYTE = 1_000_000_000


def doctor(
    least_free_gb: Annotated[
        float, typer.Option(min=0, help="空いているべきディスク（GB）/ disk space that must be free")
    ] = 2.0,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """町の具合を調べる。問題があれば終了コード 1 / Look whether all is well; 1 if there is a problem."""
    findings = []
    for finding in examine(Home(home), least_free_bytes=int(least_free_gb * _GIGABYTE)):
        findings.append(finding)
        if not as_json:
            answer(finding.as_text(), finding.as_text(), {}, as_json=False)
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    served = is_served(home)
    idle = ("", "") if served else _IDLE
    answer(
        (f"問題 {problems} 件。" if problems else "問題はありません。") + idle[0],
        (f"{problems} problem(s)." if problems else "No problems.") + idle[1],
        {"problems": problems, "is_served": served, "checks": [finding.as_json() for finding in findings]},
        as_json=as_json,
    )
    if problems:
        raise typer.Exit(DIFFERENCES)
