"""A town with servers of its own choice: `serve` runs gateway and worker, starts nothing else, and changes no schema."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from served import ServedTown, children_of

from coin.chain.anvil import Anvil, AnvilOptions
from coin.database.embedded import EmbeddedPostgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres) -> Iterator[ServedTown]:
    """Deployed on a database and a node that somebody else runs."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    postgres.create_database("elsewhere")
    with Anvil(AnvilOptions(state=folder / "chain.json")) as node:
        made = ServedTown(folder)
        urls = (
            "--database",
            postgres.url("elsewhere", "bandai_app"),
            "--database-owner",
            postgres.url("elsewhere"),
        )
        made.deploy("--node", node.url, *urls)
        yield made


def test_gateway_and_worker_run_alone_and_a_charge_reaches_the_chain(town: ServedTown) -> None:
    with town.serving() as process:
        children = children_of(process.pid)
        settled = town.type("settle", "--now")
        compared = town.type("reconcile", "--json")
    assert compared.stdout, compared.stderr
    reconciled = json.loads(compared.stdout)

    assert set(children) == {"gateway", "worker"}
    assert settled.returncode == 0, settled.stderr
    assert reconciled["differences"] == reconciled["open_items"] == []
    assert not town.home.data_folder.exists()


def test_books_of_an_earlier_release_are_refused_with_what_to_do(town: ServedTown) -> None:
    url = town.home.places().database_owner_url
    assert url is not None
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE alembic_version RENAME TO away")
        refused = town.type("serve", "--port", str(town.port))
        owner.execute("ALTER TABLE away RENAME TO alembic_version")

    assert refused.returncode == 8
    assert "bandai-town migrate" in refused.stderr
    assert not town.answers()
