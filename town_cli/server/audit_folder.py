"""The folder of an auditor: the rules, the pinned contract and receipts key, and where books and chain are; no key, no password.

Decides what an auditor gets: what `reconcile` and `report` read, and nothing else. The login is `bandai_auditor`, which can only
read, and no personal data (coin/database/schema/roles.sql).
"""

from dataclasses import replace
from pathlib import Path

from coin.chain import rpc
from coin.database.place import as_role, demand_without_secret
from coin.errors import Conflict, InvalidInput
from town_cli.server.folder import Home

AUDITOR = "bandai_auditor"


def make_audit_folder(home: Home, target: Path, node: str | None, database: str | None) -> Home:
    """Write the folder of an auditor into `target`, which must be empty or new; return it.

    Raises:  NotFound (`town_missing`); Conflict (`folder_in_use`); InvalidInput (`node_has_credential`, a database URL).
    """
    places, program = home.places(), home.program()
    if target.exists() and any(target.iterdir()):
        raise Conflict(
            f"{target} は空ではありません。新しい場所を指定してください。",
            f"{target} is not empty; name a new place.",
            field="folder",
            code="folder_in_use",
        )
    url = database or as_role(home.parts(program).url_without_password, AUDITOR)
    demand_without_secret(url, "database")
    theirs = replace(
        places,
        node_url=_without_credential(node or places.node_url),
        database_url=url,
        database_owner_url=None,
        brings_chain=False,
    )
    made = Home(target)
    made.create_for_reading(program.source, theirs, home.pin())
    return made


def _without_credential(url: str) -> str:
    """Return the node's URL, if nothing in it can be a credential."""
    if url.rstrip("/") != rpc.shown(url):
        raise InvalidInput(
            "ノードの URL に名前・パスワード・鍵かもしれない部分があります。監査に使うノードを --node で指定してください。",
            "The node's URL has a part that may be a name, a password or a key: give the auditor's own node by --node.",
            field="node",
            code="node_has_credential",
        )
    return url
