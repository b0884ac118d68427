"""`bandai-town approve-late`: two staff approve a batch that is older than the contract's window."""

from coin.console.deeds import done
from coin.console.output import answer
from town_cli.commands.clerk import actor, ask_passphrase, staff_of
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.desk.approvals import approve_late as approve
from town_cli.server.folder import Home


def approve_late(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """240 時間を過ぎた束を職員2名の署名で通す / Let a batch older than 240 h through, signed by two staff."""
    with Home(home).open() as town:
        staff = staff_of(Home(home).keyring, ask_passphrase())
        with town.books() as books:
            batch = approve(books, staff, actor=actor())
        ja = f"束 {batch.number}（取引 {batch.count} 件）を承認しました。次の settle で送られます。"
        en = f"Batch {batch.number} ({batch.count} operations) is approved; the next settle sends it."
        done(ja, en)
        answer(
            ja,
            en,
            {"batch": batch.number, "operations": batch.count},
            as_json=as_json,
        )
