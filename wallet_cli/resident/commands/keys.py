"""Keys of a wallet: `create`, `restore`, `address` and `register`."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bandai_client import Key
from coin.console import is_english, say
from coin.console.deeds import done
from coin.console.output import demand_showable, secret_first
from coin.errors import CoinError, Unauthorized
from wallet_cli.common.commands.options import (
    FingerprintOption,
    GatewayOption,
    JsonOption,
    YesOption,
    agrees,
    closing,
    secret,
    show,
)
from wallet_cli.common.given import given_secret
from wallet_cli.common.wording import fingerprint_line
from wallet_cli.resident.commands.asking_words import ask_words
from wallet_cli.resident.commands.group import FIRST_KEY, PASSWORD, HomeOption, NameOption, app, opened_wallet
from wallet_cli.resident.home import DEFAULT, Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.making import NewWallet
from wallet_cli.resident.recovery import WordList, key_from_words
from wallet_cli.resident.sheet import Sheet

WORDS = "BANDAI_WALLET_WORDS"
USUAL_WORDS = WordList.ENGLISH if is_english() else WordList.JAPANESE


def _prepare_restored(home: Path, url: str, name: str, fingerprint: str | None, *, yes: bool) -> NewWallet:
    """As `_prepare`; with a forgotten password go on with a new one, if the person agrees. Only the keystore itself can say
    that the password is wrong: a gateway that says so is not believed."""
    place = Home(home)
    try:
        store = _opened(place, name)
    except Unauthorized:
        told = say(
            "パスワードが違います。忘れたのなら、言葉から戻せます。いまの鍵のファイルは別の名前で残します。新しいパスワードで続けますか",
            "The password is wrong. If you forgot it, the words bring the wallet back; the present file of keys is kept under another name. Go on with a new password",
        )
        if not (yes or agrees(told)):
            raise
    else:
        return NewWallet.prepare(place, url, name, store, fingerprint)
    question = say("新しいパスワード（8文字以上）", "New password (8 characters or more)")
    password = secret(PASSWORD, question, twice=True)
    return NewWallet.prepare_anew(place, url, name, password, fingerprint)


def _prepare(home: Path, url: str, name: str, fingerprint: str | None) -> NewWallet:
    place = Home(home)
    return NewWallet.prepare(place, url, name, _opened(place, name), fingerprint)


def _opened(place: Home, name: str) -> Keystore:
    question = say("パスワード（8文字以上）", "Password (8 characters or more)")
    password = secret(PASSWORD, question, twice=not place.keystore.exists())
    return Keystore.prepare(place.keystore, password, name)


@app.command(
    help=say(
        "新しいウォレットを作り、復元の言葉を一度だけ表示します。--sheet なら、印刷する紙面に書きます。",
        "Make a new wallet and show its recovery words, once; with --sheet, on a sheet to print instead.",
    ),
    epilog=closing(
        "bandai-wallet create --gateway https://coin.example.jp",
        "bandai-wallet create --gateway https://coin.example.jp --sheet words.pdf",
    ),
)
def create(
    gateway: GatewayOption,
    fingerprint: FingerprintOption = None,
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help=say("復元の言葉を書く PDF（.txt なら文字だけ）", "a PDF for the words (.txt: text)")
        ),
    ] = None,
    word_list: Annotated[
        WordList,
        typer.Option("--words", help=say("言葉の種類（ひらがな・英語）", "the words' language")),
    ] = USUAL_WORDS,
    as_json: JsonOption = False,
) -> None:
    prepared = _prepare(home, gateway, name, fingerprint)
    paper = prepared.town.fingerprint
    if sheet is None:
        with secret_first(as_json=as_json) as show_words:
            prepared.create(word_list, partial(_reveal, show_words, paper))
        return
    made = prepared.create(word_list, lambda new: new.write(sheet))
    done(f"ウォレット {made.address} を作りました。", f"Wallet {made.address} was made.")
    told = say(
        f"復元の言葉を {sheet} に書きました。印刷したら、このファイルを消してください。",
        f"The recovery words are in {sheet}. Print it, then delete the file.",
    )
    show(
        as_json,
        {"address": made.address, "sheet": str(sheet), "fingerprint": paper},
        [
            say(f"アドレス: {made.address}", f"Address: {made.address}"),
            told,
            fingerprint_line(paper),
            _next_step(),
        ],
    )


def _reveal(show_words: Callable[[str, str, Mapping[str, Any]], None], paper: str, made: Sheet) -> None:
    """Show the words on the terminal, before the key is stored. Raises: as `demand_showable` and `write`."""
    demand_showable(made.words)
    once = say(
        "紙に書き写してください。この言葉は二度と表示されません。",
        "Write the words down; they are shown only now.",
    )
    text = "\n".join([made.as_text(), once, fingerprint_line(paper), _next_step()])
    show_words(text, text, {"address": made.address, "words": made.words, "fingerprint": paper})


def _next_step() -> str:
    return say("次に、bandai-wallet register で町に登録してください。", "Next: bandai-wallet register.")


@app.command(
    help=say(
        "復元の言葉からウォレットを戻します。言葉は、打つと画面に出ます。",
        "Restore a wallet from its recovery words, which are shown as they are typed.",
    ),
    epilog=closing("bandai-wallet restore --gateway https://coin.example.jp"),
)
def restore(
    gateway: GatewayOption,
    fingerprint: FingerprintOption = None,
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    index: Annotated[int, typer.Option(min=0, help=say("何番目の鍵か", "which key of these words"))] = 0,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    prepared = _prepare_restored(home, gateway, name, fingerprint, yes=yes)
    given = given_secret(WORDS)
    key = key_from_words(ask_words(file_variable=f"{WORDS}_FILE") if given is None else given, index)
    aside = prepared.keep(key)
    done(f"ウォレット {key} を戻しました。", f"Wallet {key} was restored.")
    receipts, told = _fetch_receipts(prepared, key)
    paper = prepared.town.fingerprint
    lines = [say(f"戻しました: {key}", f"Restored: {key}"), told, fingerprint_line(paper)]
    if aside is not None:
        lines.append(say(f"前の鍵のファイル: {aside}", f"The earlier file of keys: {aside}"))
    answer = {"address": str(key), "fingerprint": paper, "receipts": receipts}
    show(as_json, answer | ({"kept_aside": str(aside)} if aside else {}), lines)


def _fetch_receipts(prepared: NewWallet, key: Key) -> tuple[int | None, str]:
    """Get the receipts back; the wallet is restored without them too. Returns: their number, and the sentence about them."""
    try:
        count = prepared.fetch_receipts(key)
    except CoinError as error:
        return None, say(
            f"受領証はまだ戻っていません（{error.ja}）。あとで bandai-wallet receipts を実行してください。",
            f"The receipts are not back yet ({error.en}). Run bandai-wallet receipts later.",
        )
    return count, say(f"受領証 {count} 件を取り戻しました。", f"{count} receipts are back.")


@app.command(
    help=say("鍵の名前とアドレスを表示します。", "Show names and addresses of the keys."),
    epilog=closing("bandai-wallet address"),
)
def address(home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    Home(home).pinned()
    entries = Keystore.list(Home(home).keystore)
    keys = {entry.name: "0x" + entry.address.hex() for entry in entries}
    show(as_json, keys, [f"{name}  {value}" for name, value in keys.items()])


@app.command(
    help=say("ウォレットを町に登録します。", "Register the wallet with the town."),
    epilog=closing("bandai-wallet register"),
)
def register(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    with opened_wallet(home, name) as wallet:
        wallet.register()
        done(f"ウォレット {wallet.key} を登録しました。", f"Wallet {wallet.key} is registered.")
        show(as_json, {"address": str(wallet.key)}, [say("登録しました。", "Registered.")])
