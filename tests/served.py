"""An application over real HTTP on a free port of this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serving(
    app: ASGIApp, *, lifespan: Literal["on", "off"] = "on", trusted_proxies: str = ""
) -> Iterator[str]:
    """Run an application on a free port; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            log_config=None,
            access_log=False,
            lifespan=lifespan,
            forwarded_allow_ips=trusted_proxies,
            timeout_graceful_shutdown=1,  # a reader that a failed test left behind keeps nobody waiting
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
