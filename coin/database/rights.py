"""What a database role may do: what the schema's owner lacks to install the books, and what a process could do that it must not.

Decides which rights the owner needs (the SQL for an administrator is named whole, before anything is changed), and which
statements are forbidden to the role of a process. These are tried, not looked up, and rolled back.
Keeps:   no process of a town can change what is written once, read another town, or become a stronger role (ADR 0035).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from coin.database.place import as_role, not_connected, shown
from coin.errors import Forbidden, InvalidInput

_ROLES = (("bandai_app", "NOLOGIN"), ("bandai_town", "NOLOGIN"), ("bandai_auditor", "LOGIN"))
_STRONGER = """SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'journal'::regclass
               UNION SELECT 'bandai_app' WHERE current_user <> 'bandai_app'"""
WRITTEN_ONCE = ("operation", "journal", "chain_effect", "payment", "top_up", "redeem", "audit")
# Each touches no row, and is rolled back.
FORBIDDEN = {
    **{f"UPDATE {name}": f"UPDATE {name} SET municipality = '' WHERE false" for name in WRITTEN_ONCE},  # noqa: S608
    **{f"DELETE FROM {name}": f"DELETE FROM {name} WHERE false" for name in WRITTEN_ONCE},  # noqa: S608
    "CREATE TABLE": "CREATE TABLE bandai_doctor ()",
    "CREATE ROLE": "CREATE ROLE bandai_doctor",
    "pg_read_file": "SELECT pg_read_file('PG_VERSION')",
}
_OTHER_TOWNS = "SELECT FROM municipality WHERE code <> %s"
_SUPERUSER = "postgres"
TRIED = len(FORBIDDEN) + 4  # two stronger roles, other towns, and a superuser's login without a password


def demand_rights(url: str, code: str) -> None:
    """Check that the schema's owner can install the books of this town, alone or because an administrator has prepared it.

    Raises:  Forbidden (`database_rights`) with the SQL that an administrator types; Unavailable.
    """
    try:
        with psycopg.connect(url) as connection:
            lacking = list(_lacking(connection, f"bandai_{code}"))
    except psycopg.OperationalError as error:
        raise not_connected(error, url) from None
    if lacking:
        raise lacking_rights(url, lacking)


def lacking_rights(url: str, statements: list[str]) -> Forbidden:
    """Return the error for an owner who lacks rights, with what an administrator types in psql."""
    typed = "".join(f"\n  {statement}" for statement in statements)
    return Forbidden(
        f"{shown(url)} には台帳を作る権利が足りません。データベースの管理者に、このデータベースにつないだ psql で次の行を打ってもらい、"
        f"それから同じ命令をもう一度打ってください。{typed}",
        f"{shown(url)} lacks rights to make the books. Let the administrator type these lines in psql, connected to this database, "
        f"then run the same command again.{typed}",
        field="database",
        code="database_rights",
    )


def not_allowed(url: str, said: str) -> Forbidden:
    """Return the error for an owner whom the server has refused a statement, with the server's own words."""
    return Forbidden(
        f"{shown(url)} に権利が足りません（{said}）。台帳の持ち主の役割か、--database-owner を確かめてください。何も変えていません。",
        f"{shown(url)} lacks a right ({said}). Is this the owner of the books (--database-owner)? Nothing was changed.",
        field="database",
        code="database_rights",
    )


@contextmanager
def said_if_forbidden(url: str) -> Iterator[None]:
    """Turn the server's refusal of a right into a sentence, for a role that may only read. Raises: Forbidden."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise Forbidden(
            f"{shown(url)} には、この操作の権利がありません。何も変えていません。",
            f"{shown(url)} has no right to this ({error.diag.message_primary}); nothing was changed.",
            field="database",
            code="database_right_missing",
        ) from None


def excessive_powers(url: str, code: str) -> list[str]:
    """Return the names of the forbidden things that the role of this URL can do; each is tried and rolled back.

    Raises:  Unavailable.
    """
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            found = [name for name, statement in FORBIDDEN.items() if _can(connection, statement)]
            for (role,) in connection.execute(_STRONGER.encode()).fetchall():
                if _can(connection, sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))):
                    found.append(f"SET ROLE {role}")
            if connection.execute(_OTHER_TOWNS, [code]).rowcount:
                found.append("SELECT (other towns)")
    except psycopg.OperationalError as error:
        raise not_connected(error, url) from None
    return found + (
        [f"LOGIN {_SUPERUSER}"] if _can_log_in(as_role(url, _SUPERUSER, passfile="/dev/null")) else []
    )


def demand_weak(url: str, code: str) -> None:
    """Check that the role of a process can do nothing forbidden. Raises: Forbidden (`database_role_strong`); Unavailable."""
    found = excessive_powers(url, code)
    if found:
        raise Forbidden(
            f"{shown(url)} の役割は強すぎます（できてはいけないこと: {'、'.join(found)}）。"
            f"bandai_{code} のような、持ち主でない役割を --database に使ってください。",
            f"The role of {shown(url)} is too strong (it can: {', '.join(found)}). "
            f"Use a role that owns nothing for --database, such as bandai_{code}.",
            field="database",
            code="database_role_strong",
        )


def _lacking(connection: psycopg.Connection, town: str) -> Iterator[str]:
    me, is_maker, has_schema, version = _standing(connection)
    if not has_schema:
        yield f"GRANT USAGE, CREATE ON SCHEMA public TO {me};"
    there = _roles_there(connection)
    for role, login in (*_ROLES, (town, "LOGIN")):
        if role not in there and not is_maker:
            yield f"CREATE ROLE {role} {login};"
            if login == "LOGIN":
                yield rf"\password {role}"
    if not _is_member(connection, town, there) and not _may_grant(connection, there, is_maker, version):
        yield f"GRANT bandai_town TO {town};"


def _standing(connection: psycopg.Connection) -> tuple[str, bool, bool, int]:
    row = connection.execute(
        """SELECT quote_ident(current_user), rolsuper OR rolcreaterole, has_schema_privilege('public', 'CREATE'),
                  current_setting('server_version_num')::int
           FROM pg_roles WHERE rolname = current_user"""
    ).fetchone()
    if row is None:
        raise InvalidInput("役割がありません。", "There is no such role.", field="database")
    return row


def _roles_there(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(r"SELECT rolname FROM pg_roles WHERE rolname LIKE 'bandai\_%'").fetchall()
    return {name for (name,) in rows}


def _is_member(connection: psycopg.Connection, town: str, there: set[str]) -> bool:
    if not {town, "bandai_town"} <= there:
        return False
    row = connection.execute("SELECT pg_has_role(%s, 'bandai_town', 'MEMBER')", [town]).fetchone()
    return bool(row and row[0])


def _may_grant(connection: psycopg.Connection, there: set[str], is_maker: bool, version: int) -> bool:
    """Return whether the owner may make a member of bandai_town; since PostgreSQL 16 only of a role that it has made."""
    if "bandai_town" not in there or version < 160_000:
        return is_maker
    row = connection.execute("SELECT pg_has_role('bandai_town', 'MEMBER WITH ADMIN OPTION')").fetchone()
    return bool(row and row[0])


def _can(connection: psycopg.Connection, statement: str | sql.Composed) -> bool:
    query = statement.encode() if isinstance(statement, str) else statement
    with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction(force_rollback=True):
        connection.execute(query)
        return True
    return False


def _can_log_in(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=5):
        return True
    return False
