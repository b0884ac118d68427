"""Where a database is and who logs in: its URL without a password, the password from a file, and what is said if that fails.

A URL of ours has no password, because it stands in town.json, in options and in messages. The password comes from a file or
a variable (`password_from`) and meets the URL only in memory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from coin.errors import InvalidInput, Unavailable
from coin.secret_text import read_secret_file, secret_form

PASSING = (
    "database_unavailable",
    "database_refused",
)  # away, starting, or too many connections: it may be mended by waiting
_SECRETS = ("password", "sslpassword", "oauth_client_secret")
# The server's own words, in the languages that a server in Japan speaks; libpq keeps no SQLSTATE of a refused connection.
_PASSWORD = re.compile(r"password authentication failed|パスワード認証に失敗|no password supplied")
_DATABASE = re.compile(r'FATAL:\s+(database ".*" does not exist|データベース".*"は存在しません)')
_ROLE = re.compile(r'FATAL:\s+(role ".*" does not exist|ロール".*"は存在しません)')


@dataclass(frozen=True)
class Login:
    """The names of the variables with a password: one has the path of its file, the other the password itself."""

    file: str
    variable: str


PROCESSES = Login("BANDAI_DATABASE_PASSWORD_FILE", "BANDAI_DATABASE_PASSWORD")
OWNER = Login("BANDAI_DATABASE_OWNER_PASSWORD_FILE", "BANDAI_DATABASE_OWNER_PASSWORD")


def demand_without_secret(url: str, field: str) -> None:
    """Check that this is a database URL, and that no password is in it.

    Raises:  InvalidInput (`database_url_invalid`, `password_in_url`); neither repeats the URL.
    """
    if any(name in _parts(url, field) for name in _SECRETS):
        raise InvalidInput(
            f"データベースの URL にパスワードを書かないでください。本人だけが読めるファイルに書き、{PROCESSES.file} "
            f"（持ち主のものは {OWNER.file}）にその場所を入れます。このパスワードは履歴に残ったので、替えてください。",
            f"Write no password in a database URL: keep it in a file that only you can read, and name the file in {PROCESSES.file} "
            f"(the owner's in {OWNER.file}). This one stands in your history now, so change it.",
            field=field,
            code="password_in_url",
        )


def with_password(url: str, login: Login, environment: Mapping[str, str]) -> str:
    """Return the URL with the password of this login, if the environment names one; else as it is, for libpq's own ways
    (a password file, peer).

    Raises:  InvalidInput (`database_url_invalid`); as `read_secret_file`.
    """
    password = _password(login, environment)
    _parts(url, login.file)
    return make_conninfo(url, password=password) if password else url


def shown(url: str) -> str:
    """Return who logs in where, without any secret: `role@host:port/database`."""
    parts = _parts(url, "database")
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{parts.get('user') or '?'}@{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


def role_of(url: str) -> str | None:
    """Return the role that a URL names, if it names one."""
    user = _parts(url, "database").get("user")
    return user or None


def as_role(url: str, role: str, **others: str) -> str:
    """Return the same place for another role, without a password."""
    parts = {name: value for name, value in _parts(url, "database").items() if name not in _SECRETS}
    return make_conninfo(**{**parts, "user": role, **others})


def not_connected(error: BaseException, url: str) -> Unavailable:
    """Return what is wrong and where, for the people who run the server; never for an answer of the gateway."""
    text, place = str(error), shown(url)
    if _PASSWORD.search(text):
        return Unavailable(
            f"データベース {place} にパスワードが違うと断られました。{PROCESSES.file} などの中身を確かめてください。",
            f"The database {place} refused the password; check the file that {PROCESSES.file} names, or your own way to give it.",
            code="database_password_wrong",
        )
    if _DATABASE.search(text):
        return Unavailable(
            f"サーバーは動いていますが、データベースがありません: {place}",
            f"The server runs, but there is no such database: {place}",
            code="database_missing",
        )
    if _ROLE.search(text):
        return Unavailable(
            f"サーバーは動いていますが、役割（ロール）がありません: {place}",
            f"The server runs, but there is no such role: {place}",
            code="database_role_missing",
        )
    if "FATAL" in text:
        said = " ".join(text.partition("FATAL:")[2].split())
        return Unavailable(
            f"データベース {place} が接続を断りました（{said}）。",
            f"The database {place} refused the connection: {said}",
            code="database_refused",
        )
    return Unavailable(
        f"データベース {place} につながりません。動いているか、場所とポートが合っているかを確かめてください。",
        f"The database {place} does not answer: is it running, and are host and port right?",
        code="database_unavailable",
    )


def _password(login: Login, environment: Mapping[str, str]) -> str | None:
    path = environment.get(login.file)
    text = read_secret_file(path, login.file) if path else environment.get(login.variable)
    return secret_form(text) if text else None


def _parts(url: str, field: str) -> dict[str, str]:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise _no_url(field) from None
    ports = str(parts.get("port") or "5432").split(",")
    if not all(port.isascii() and port.isdigit() for port in ports if port):
        raise _no_url(field)  # `user:pa/ss@host` reads as a host and a port
    return {name: str(value) for name, value in parts.items() if value is not None}


def _no_url(field: str) -> InvalidInput:
    return InvalidInput(
        "データベースの URL として読めません（postgresql://役割@ホスト:5432/データベース の形です）。",
        "This is no database URL; its form is postgresql://role@host:5432/database.",
        field=field,
        code="database_url_invalid",
    )
