"""`bandai-town audit`: what staff did, from the audit log."""

from pathlib import Path
from typing import Annotated

import typer

from coin.clock import jst_datetime, parse_jst_date
from coin.console import say, written
from coin.console.deeds import done
from coin.console.output import answer
from coin.console.tables import table
from coin.registry import audit
from coin.registry.audit import AuditRow
from town_cli.commands.files import write_table
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, CsvOption, HomeOption, JsonOption
from town_cli.server.folder import Home

audit_app = commands("監査の記録 / The audit log.")
ACTIONS = {
    "top_up": ("チャージ", "charge"),
    "redeem": ("換金", "redeem"),
    "cancel": ("取消", "cancel"),
    "change_merchant": ("加盟店の登録・変更", "shop registered or changed"),
    "write_bank_account": ("加盟店の口座の書き込み", "shop's bank account written"),
    "read_bank_account": ("加盟店の口座の閲覧", "shop's bank account read"),
    "change_role": ("役割の変更", "role changed"),
    "open_with_staff": ("町の開設", "town opened"),
    "open_date": ("期限の追加", "expiry date opened"),
    "expire": ("失効", "expiry"),
    "approve_late_batch": ("遅れた束の承認", "late batch approved"),
    "adopt_foreign_batch": ("よその束の引き受け", "foreign batch adopted"),
    "till_opened": ("レジの作成", "till opened"),
    "till_pairing_renewed": ("レジの番号の出し直し", "till's code renewed"),
    "till_paired": ("レジの端末の登録", "till paired"),
    "staff_admitted": ("職員の合言葉の作成", "staff's credential made"),
    "credential_revoked": ("合言葉の取消", "credential revoked"),
}


@audit_app.command(
    "log",
    epilog=closing("bandai-town audit log", "bandai-town audit log --on 2026-11-29 --csv audit.csv"),
)
def audit_log(
    last: Annotated[int, typer.Option(min=1, help="新しいほうから何件 / how many, the newest")] = 50,
    on: Annotated[str | None, typer.Option(help="この日だけ / only this day, like 2026-11-29")] = None,
    csv: CsvOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """だれがいつ何をしたかの記録 / Who did what, and when."""
    day = None if on is None else parse_jst_date(on, field="on")
    with Home(home).open() as town, town.books() as books:
        found = audit.rows(books.connection, books.municipality_code, last=last, day=day)
    if csv is not None:
        write_table(csv, _heads(), [_row(item) for item in found])
        done(f"{len(found)} 件を {csv} に書きました。", f"Wrote {len(found)} rows to {csv}.")
    text = "\n".join(_lines(found, csv))
    answer(text, text, {"rows": [_values(item) for item in found]}, as_json=as_json)


def _lines(found: list[AuditRow], csv: Path | None) -> list[str]:
    if not found:
        return [say("記録はありません。", "There is no entry.")]
    kept = [] if csv is None else [say(f"{csv} に書きました。", f"Wrote {csv}.")]
    return [*table(_heads(), [_row(item) for item in found], indent=0), *kept]


def _heads() -> list[str]:
    return [say(*head) for head in (("日時", "at"), ("だれが", "who"), ("何を", "what"), ("対象", "subject"))]


def _row(item: AuditRow) -> list[str]:
    what = say(*ACTIONS.get(item.action, (item.action, item.action)))
    return [written(jst_datetime(item.at_ms)), item.actor, what, _subject(item.subject)]


def _subject(subject: str) -> str:
    kind, colon, number = subject.partition(":")
    return say(f"加盟店 {number}", f"shop {number}") if colon and kind == "merchant" else subject


def _values(item: AuditRow) -> dict[str, object]:
    return {
        "at_ms": item.at_ms,
        "actor": item.actor,
        "action": item.action,
        "subject": item.subject,
        "detail": dict(item.detail),
    }
