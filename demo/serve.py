"""`python -m demo.serve`: ends at Ctrl-C from its first moment on, a second or two before all of it is loaded."""

import os
import signal
import sys

if __name__ == "__main__":
    # Nothing runs yet that would have to be ended; and an exception can be lost in the middle of an import.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from demo.serve_command import main

    sys.exit(main(sys.argv[1:]))
