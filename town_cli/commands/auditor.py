"""`bandai-town auditor`: makes a folder with which an auditor reconciles and reports, and can write nothing."""

from pathlib import Path
from typing import Annotated

import typer

from coin.console.deeds import done
from coin.console.output import answer
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.audit_folder import AUDITOR, make_audit_folder
from town_cli.server.folder import Home


def auditor(
    folder: Annotated[Path, typer.Argument(help="作る場所（新しいフォルダー）/ a new folder")],
    node: Annotated[
        str | None,
        typer.Option(help="監査で使うノードの URL(省略: 町のもの)/ the auditor's node; omit: the town's"),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="bandai_auditor の URL(省略: 町の台帳)/ where bandai_auditor logs in; omit: the town's"
        ),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """監査人に渡すフォルダーを作る。鍵もパスワードも入らない / Make an auditor's folder, without keys and passwords."""
    made = make_audit_folder(Home(home), folder, node, database)
    files = sorted(path.name for path in made.folder.iterdir())
    done(f"{folder} を作りました。", f"Made {folder}.")
    answer(
        f"{folder} を作りました（{'、'.join(files)}）。鍵もパスワードも入っていません。\n"
        f"監査人は --home {folder} で reconcile と report を使います（役割 {AUDITOR}、docs/audit.md）。",
        f"Made {folder} ({', '.join(files)}); it has no key and no password.\n"
        f"The auditor runs reconcile and report with --home {folder} (role {AUDITOR}, docs/audit.md).",
        {"folder": str(folder), "files": files},
        as_json=as_json,
    )
