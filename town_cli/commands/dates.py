"""`bandai-town dates`: the expiry dates of the rules, and opening the next ones when their lanes are free."""

from coin.clock import jst_date, last_day
from coin.console import say, written
from coin.console.deeds import done
from coin.console.output import answer
from coin.office.dates import open_dates
from coin.registry.calendar import WaitingDate, opened_dates, waiting_dates
from town_cli.commands.clerk import actor, ask_passphrase, staff_of
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home

dates_app = commands("有効期限 / Expiry dates.")


@dates_app.command("list", epilog=closing("bandai-town dates list"))
def dates_list(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """期限の一覧。開いているか、いつから用意できるか / Every date: open, ended, or from when it can be opened."""
    with Home(home).open() as town:
        now_ms = town.clock.now_ms()
        with town.books() as books:
            opened, waiting = opened_dates(books), waiting_dates(books)
        lines = [
            f"{_until(ends_s)}  {say('使えます', 'open') if now_ms < ends_s * 1000 else say('終わりました', 'over')}"
            for ends_s in opened
        ]
        lines += [f"{_until(date.date.ends_s)}  {_state(date, now_ms)}" for date in waiting]
        text = "\n".join(lines)
        values = {"open": opened, "waiting": [_values(date, now_ms) for date in waiting]}
        answer(text, text, values, as_json=as_json)


@dates_app.command("open", epilog=closing("bandai-town dates open"))
def dates_open(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """枠の空いた期限を職員2名の署名で開く / Open the dates whose lanes are free, signed by two staff."""
    place = Home(home)
    with place.open() as town:
        now_ms = town.clock.now_ms()
        with town.books() as books:
            waiting = waiting_dates(books)
        if not any(date.can_be_opened(now_ms) for date in waiting):
            text = "\n".join(
                [
                    say("いま開ける期限はありません。", "No date can be opened now."),
                    *(f"{_until(date.date.ends_s)}  {_state(date, now_ms)}" for date in waiting),
                ]
            )
            answer(text, text, {"opened": []}, as_json=as_json)
            return
        staff = staff_of(place.keyring, ask_passphrase())
        with town.books() as books:
            opened = open_dates(books, staff, actor=actor())
        text = "\n".join(f"{_until(date.date.ends_s)}  {say('開きました。', 'opened.')}" for date in opened)
        done(text, text)
        answer(text, text, {"opened": [_values(date, now_ms) for date in opened]}, as_json=as_json)


def _until(ends_s: int) -> str:
    day = written(last_day(ends_s))
    return say(f"{day}まで", f"until {day}")


def _state(waiting: WaitingDate, now_ms: int) -> str:
    first = written(jst_date(waiting.date.first_s * 1000))
    if waiting.can_be_opened(now_ms):
        return say(
            f"bandai-town dates open で開けます（{first}から発行）",
            f"bandai-town dates open opens it (issued from {first})",
        )
    if waiting.free_s * 1000 <= now_ms:
        return say(
            f"前の期限の残高をワーカーが処理すると開けます（{first}から発行）",
            f"when the worker has ended the date before it (issued from {first})",
        )
    free = written(jst_date(waiting.free_s * 1000))
    return say(f"{free}から開けます（{first}から発行）", f"can be opened from {free} (issued from {first})")


def _values(waiting: WaitingDate, now_ms: int) -> dict[str, object]:
    return {
        "expiry": waiting.date.ends_s,
        "lane": waiting.lane,
        "issued_from": waiting.date.first_s,
        "free_from": waiting.free_s,
        "can_be_opened": waiting.can_be_opened(now_ms),
    }
