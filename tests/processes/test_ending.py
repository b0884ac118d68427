"""A process ends when it is told to or when its parent is gone, at whatever moment that happens."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.patience import HANG_S

TOLD_OFTEN = """
import signal
from coin.stopping import Stop

heard = 0
stop = Stop()

def hear(*_):
    global heard
    heard += 1
    stop.set()

signal.signal(signal.SIGALRM, hear)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
waits = 0
while heard < 4_000:
    waits += stop.wait(0.0001)
    stop = Stop()
signal.setitimer(signal.ITIMER_REAL, 0)
print(waits)
"""


def run(program: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=HANG_S, check=False
    )


def test_a_signal_at_any_moment_of_waiting_is_heard_and_never_blocks(root: Path) -> None:
    done = run(TOLD_OFTEN, root)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_once_told_it_stays_so_and_whoever_waits_returns_at_once(root: Path) -> None:
    program = (
        "import os, signal\n"
        "from coin.stopping import stop_on_signals\n"
        "stop = stop_on_signals()\n"
        "before = stop.is_set(), stop.wait(0.01)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(before, stop.wait(600), stop.wait(600), stop.is_set())"
    )

    assert run(program, root).stdout == "(False, False) True True True\n"


def test_a_child_whose_parent_died_before_it_was_tied_ends_all_the_same(root: Path) -> None:
    # The tie is made here and used one process further down: there the parent is another than the one it was made in.
    program = (
        "import os, signal, subprocess, sys\n"
        "from coin.lifeline import end_with_parent\n"
        "tie = end_with_parent(signal.SIGTERM)\n"
        "if os.fork() == 0:\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE, preexec_fn=tie)\n"
        "    print(child.wait(), flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()"
    )

    assert run(program, root).stdout.strip() == str(-signal.SIGTERM)


def test_a_child_of_a_parent_that_lives_goes_on(root: Path) -> None:
    program = (
        "import signal, subprocess, sys\n"
        "from coin.lifeline import end_with_parent\n"
        "tie = end_with_parent(signal.SIGTERM)\n"
        "print(subprocess.run([sys.executable, '-c', ''], preexec_fn=tie).returncode)"
    )

    assert run(program, root).stdout.strip() == "0"
