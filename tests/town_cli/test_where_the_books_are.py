"""Books that are not in the town's folder are told: who copies the folder alone would have none."""

import os
from pathlib import Path

import pytest

from coin.database.embedded import EmbeddedPostgres
from town_cli.server.supervisor import tell_where_books_are


def test_books_outside_the_folder_are_named_and_those_inside_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "town"
    folder.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(folder / "postgres")

    tell_where_books_are(folder, postgres)
    said = capsys.readouterr().err

    if os.geteuid() == 0:  # a server that runs as `nobody` cannot enter a folder of mode 0700
        assert str(postgres.home) in said
    else:
        assert postgres.home == folder / "postgres"
        assert said == ""


def test_books_inside_the_folder_are_not_worth_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    tell_where_books_are(Path("/"), EmbeddedPostgres(Path("/town/postgres")))

    assert capsys.readouterr().err == ""
