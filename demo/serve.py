"""`python -m demo.serve`: handles Ctrl-C from the very start, a second or two before everything is loaded."""

import os
import signal
import sys

if __name__ == "__main__":
    # Nothing runs yet that must be stopped, and an exception in the middle of an import can be lost.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from demo.serve_command import main

    sys.exit(main(sys.argv[1:]))
