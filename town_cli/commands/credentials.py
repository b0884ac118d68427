"""`bandai-town credentials`: lists and revokes the credentials for the gateway."""

from typing import Annotated
from uuid import UUID

import typer

from coin.clock import jst_date
from coin.console import say, written
from coin.console.deeds import done
from coin.console.output import answer
from coin.console.tables import table
from coin.errors import InvalidInput
from coin.office import credentials
from coin.office.credentials import Listed
from coin.registry.personal import open_personal_data
from town_cli.commands.clerk import actor
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home

credentials_app = commands("合言葉の一覧と取消 / List and revoke credentials.")


@credentials_app.command("list", epilog=closing("bandai-town credentials list --json"))
def credentials_list(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """レジと職員の合言葉の一覧（合言葉そのものは見せない）/ List credentials, never their secrets."""
    place = Home(home)
    with place.open() as town:
        personal = open_personal_data(place.personal_key_path)
        with town.books() as books:
            found = credentials.all_credentials(books, personal)
        text = "\n".join(_lines(found))
        answer(text, text, {"credentials": [_values(item) for item in found]}, as_json=as_json)


@credentials_app.command(
    "revoke", epilog=closing("bandai-town credentials revoke 0198c5d2-7a3b-7c4d-8e5f-0123456789ab")
)
def credentials_revoke(
    credential: Annotated[str, typer.Argument(help="list が示す番号 / the id that list shows")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """合言葉を取り消す。使っている端末もすぐに切れる / Take a credential back; its sessions end at once."""
    with Home(home).open() as town:
        wanted = _id(credential)
        with town.books() as books:
            credentials.revoke(books, wanted, actor=actor())
        ja, en = f"合言葉 {wanted} を取り消しました。", f"The credential {wanted} is revoked."
        done(ja, en)
        answer(ja, en, {"revoked": str(wanted)}, as_json=as_json)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            "合言葉の番号ではありません。list で確かめてください。",
            "This is not the id of a credential; see `credentials list`.",
            field="credential",
        ) from None


def _lines(found: list[Listed]) -> list[str]:
    if not found:
        return [say("合言葉はまだありません。", "There is no credential yet.")]
    heads = [("番号", "id"), ("だれの", "whose"), ("名前", "label"), ("作成", "made"), ("状態", "state")]
    rows = [
        [
            str(item.id),
            say("店", "shop ") + f"{item.merchant_number:06d}"
            if item.merchant_number
            else say("職員", "staff"),
            item.label,
            written(jst_date(item.created_at_ms)),
            say("取消済", "revoked") if item.revoked_at_ms else say("有効", "good"),
        ]
        for item in found
    ]
    return table([say(ja, en) for ja, en in heads], rows, indent=0)


def _values(item: Listed) -> dict[str, object]:
    return {
        "id": str(item.id),
        "kind": item.kind,
        "label": item.label,
        "merchant": item.merchant_number,
        "created_at_ms": item.created_at_ms,
        "revoked_at_ms": item.revoked_at_ms,
    }
