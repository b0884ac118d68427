"""`bandai-town adopt-foreign`: two staff bind the books to batches on the chain that the books did not seal."""

from coin.chain.settled import SettledBatch
from coin.console.deeds import done
from coin.console.output import answer, progress
from coin.settlement.foreign import said_of
from town_cli.commands.clerk import actor, ask_passphrase, staff_of
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.desk.approvals import adopt_foreign as adopt
from town_cli.desk.approvals import foreign_batches_one_by_one
from town_cli.server.folder import Home


def adopt_foreign(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """チェーンにある、この台帳のものでない束を職員2名の署名で認め、精算を続ける / Bind the books to foreign batches, by two staff."""
    with Home(home).open_with_node() as (town, rpc):
        staff, adopted = None, []
        for found in foreign_batches_one_by_one(town.books, rpc):
            _show(found)
            staff = staff or staff_of(Home(home).keyring, ask_passphrase())
            with town.books() as books:
                adopt(books, rpc, found, staff, actor=actor())
            number = found.settled.batch_no
            adopted.append(number)
            done(
                f"束 {number} を、町のものでない束として台帳に書きました。",
                f"Batch {number} is known as not ours.",
            )
        answer(
            f"束 {_listed(adopted)} を、町のものでない束として台帳に書きました。待っていた取引は、次の番号で送られます。"
            "bandai-town reconcile で確かめてください。",
            f"The books know batch {_listed(adopted)} as not ours; what waited is sent under the next numbers."
            " Check with bandai-town reconcile.",
            {"batches": adopted},
            as_json=as_json,
        )


def _show(found: SettledBatch) -> None:
    """Show what the two are about to sign, before the passphrase is asked for."""
    ja, en = said_of(found)
    settled = found.settled
    progress(
        f"束 {settled.batch_no}: {ja}、内容のハッシュ 0x{settled.data_hash.hex()}",
        f"batch {settled.batch_no}: {en}, hash of its data 0x{settled.data_hash.hex()}",
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
