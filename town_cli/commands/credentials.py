"""`bandai-town tills`, `staff` and `credentials`: who may log in to the gateway, and who may no longer."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from coin.clock import jst_date, jst_datetime
from coin.console import say, whole_number, written
from coin.console.output import answer
from coin.console.tables import table
from coin.errors import InvalidInput
from coin.office import credentials
from coin.office.credentials import Listed
from coin.registry.pairing import LIFE_MS, PairingCode, TillState, states
from coin.registry.tills import Till
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption, actor
from town_cli.server.folder import Home

MerchantArgument = Annotated[
    int, typer.Argument(parser=whole_number(1), min=1, help="加盟店番号 / merchant number")
]
LabelArgument = Annotated[str, typer.Argument(help="レジの名前 / the till's label")]
tills_app = commands("レジ / Tills.")
staff_app = commands("職員 / Staff.")
credentials_app = commands("合言葉の一覧と取消 / List and revoke credentials.")


@tills_app.command("create", epilog=closing("bandai-town tills create 12 レジ1"))
def tills_create(
    merchant: MerchantArgument,
    label: LabelArgument,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """レジを作り、端末に一度だけ打ち込むペアリングの番号を渡す / Make a till and show the code that pairs a device with it."""
    _hand_out(credentials.open_till, home, merchant, label, as_json=as_json)


@tills_app.command("pair", epilog=closing("bandai-town tills pair 12 レジ1"))
def tills_pair(
    merchant: MerchantArgument,
    label: LabelArgument,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """レジの端末を替えるとき、期限が過ぎたとき: 新しい番号を渡す / A new code, for another device or after the first lapsed."""
    _hand_out(credentials.renew_pairing, home, merchant, label, as_json=as_json)


@tills_app.command("list", epilog=closing("bandai-town tills list"))
def tills_list(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """レジの一覧。端末がつながっているか、番号が打ち込まれるのを待っているか / Every till: paired, waiting, or neither."""
    with Home(home).open() as town:
        with town.books() as books:
            found = states(books)
        lines = "\n".join(
            f"{item.till.merchant_number:06d}  {item.till.label}  {_pairing(item)}" for item in found
        )
        values = [
            {
                "till": str(item.till.id),
                "merchant": item.till.merchant_number,
                "label": item.till.label,
                "is_paired": item.is_paired,
                "code_until_ms": item.code_until_ms,
            }
            for item in found
        ]
        answer(lines, lines, {"tills": values}, as_json=as_json)


@staff_app.command("create", epilog=closing("bandai-town staff create 会計課の端末"))
def staff_create(
    label: Annotated[str, typer.Argument(help="だれの合言葉か / whose it is")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """職員の合言葉を作る。支払いの状態を見るだけ / Make a credential that only reads the state of payments."""
    with Home(home).open() as town:
        with town.books() as books:
            made = credentials.admit_staff(books, label, actor=actor())
        answer(
            f"{label} の合言葉(二度と表示されません): {made.secret}",
            f"The credential of {label}, shown only now: {made.secret}",
            {"id": str(made.credential.id), "credential": made.secret},
            as_json=as_json,
        )


@credentials_app.command("list", epilog=closing("bandai-town credentials list --json"))
def credentials_list(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """レジと職員の合言葉の一覧(合言葉そのものは見せない)/ List credentials, never their secrets."""
    with Home(home).open() as town:
        with town.books() as books:
            found = credentials.all_credentials(books)
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
        answer("取り消しました。", "It is revoked.", {"revoked": str(wanted)}, as_json=as_json)


def _hand_out(
    make: Callable[..., tuple[Till, PairingCode]], home: Path, merchant: int, label: str, *, as_json: bool
) -> None:
    with Home(home).open() as town, town.database.transaction() as connection:
        till, code = make(connection, town.municipality, town.clock, merchant, label, actor=actor())
    minutes = LIFE_MS // 60_000
    answer(
        f"レジ「{till.label}」の番号: {code.text}({minutes}分以内に1回だけ使えます)\n"
        "レジの端末で bandai-till pair --gateway <町のサーバーの URL> を実行し、この番号を打ち込んでください。",
        f"The code of till {till.label}: {code.text} (good once, within {minutes} minutes)\n"
        "On the till's device run bandai-till pair --gateway <the gateway's URL> and type this code.",
        {"till": str(till.id), "pairing_code": code.text, "expires_at_ms": code.expires_at_ms},
        as_json=as_json,
    )


def _pairing(item: TillState) -> str:
    paired = say("端末あり", "paired") if item.is_paired else say("端末なし", "no device")
    if item.code_until_ms is None:
        return paired
    until = jst_datetime(item.code_until_ms).strftime("%H:%M")
    return f"{paired}  {say(f'番号は {until} まで', f'a code until {until}')}"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            "合言葉の番号ではありません。list で確かめてください。",
            "This is no credential's id; see `credentials list`.",
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
