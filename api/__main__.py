"""`python -m api [host] [port]`: one gateway process. Port 0 takes a free one; BANDAI_PORT_FILE gets its number.

The access log is off, because paths contain addresses and ids.
"""

import os
import resource
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from api.app import create_app
from api.gateway import Gateway
from api.patience import Patient
from api.settings import Settings
from coin.errors import CoinError
from coin.logs import start_log

MOST_DESCRIPTORS = 16_384
_BACKLOG = 2048
_LAST_ANSWERS_S = 20


class _Server(uvicorn.Server):
    """A uvicorn server that ends the event streams first: they would hold up a shutdown, because each waits for a
    customer."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down cleanly."""
        self._gateway.watchers.close()
        await super().shutdown(sockets)


def main(arguments: list[str]) -> int:
    """Serve until told to stop; 0 after a clean stop, 1 if it could not start or an invariant broke."""
    start_log()
    host, port = (arguments + ["127.0.0.1", "0"][len(arguments) :])[:2]
    is_broken = False

    def stop() -> None:
        nonlocal is_broken
        is_broken = True
        server.should_exit = True

    try:
        settings = Settings.from_environment()
        app = create_app(settings, stop=stop)
    except CoinError as error:
        print(f"{error.code}: {error.ja} / {error.en}", file=sys.stderr)  # noqa: T201
        return 1
    config = uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="on",
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    server = _Server(config, app.state.gateway)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again after a clean stop; that is not a failure.
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    _take_descriptors()
    with listening(host, int(port)) as listener:
        _announce(listener.getsockname()[1])
        server.run(sockets=[listener])
    return 1 if is_broken else 0


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens, whose connections send an answer at once.

    asyncio sets TCP_NODELAY only for sockets that were made with the protocol's number, and these have none: without it the
    second part of an answer waits for the acknowledgement of the first, which a client may delay by 40 ms.
    """
    listener = socket.create_server((host, port), backlog=_BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections inherit it
    return listener


def _take_descriptors() -> None:
    # Each connection takes one file descriptor, and the usual limit of 1,024 is too low for the till streams that
    # `api.watchers` allows. A machine's own limit, often a million, is too high: an unfinished request head may hold 16 KiB
    # for ten seconds.
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, MOST_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(usual, wanted), most))


def _announce(port: int) -> None:
    print(f"port {port}", flush=True)  # noqa: T201
    name = os.environ.get("BANDAI_PORT_FILE")
    if name:
        path = Path(name)
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(str(port), encoding="ascii")
        temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
