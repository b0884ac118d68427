"""The demo from the first key to the last figure, in the order in which a town does it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bandai_client import Gateway, Key, Till
from coin.chain.rpc import Rpc
from coin.clock import JST
from coin.errors import Rejected, Unavailable
from coin.merchant_file import read_merchants
from coin.reconciliation.reconcile import reconcile
from coin.registry import credentials, tills
from coin.registry.personal import create_key_file, open_personal_data
from coin.settlement.seal import seal_due
from demo.figures import Figures, count_payments
from demo.people import Purchase, Resident, Shop, all_at_once, go_shopping, shopping_list
from demo.progress import elapsed_s, say
from demo.town import Town
from demo.trouble import Trouble, race
from town_cli.commands.reconcile_words import books_of, other_of, place_of
from town_cli.desk.charges import Charge, charge_many
from town_cli.desk.merchant_import import import_rows
from town_cli.desk.redemptions import redeem_everything
from town_cli.server.lock import HeldLock

RESIDENTS = 200
ROUNDS = 5
COINS = 10_000
OPENING = datetime(2022, 7, 22, 9, 0, tzinfo=JST)
_OUTAGE_PAUSE_S = 0.2
_SETTLE_TIMEOUT_S = 600.0
_SEED = 20_220_722


class Line:
    """One demo in one folder."""

    def __init__(self, folder: Path, example: Path, held: HeldLock) -> None:
        self._town = Town(folder, example, held)
        self._folder = folder
        self._gateway: Gateway
        self._shops: list[Shop] = []
        self._residents: list[Resident] = []
        self._refused = 0

    def play(self) -> Figures:
        """Play everything; its files stay in the folder.

        Raises:  RuntimeError, if something did not happen as expected; Rejected and other errors of the processes.
        """
        try:
            self._open()
            self._register_shops()
            self._register_residents()
            self._charge()
            self._shop_through_a_power_cut()
            self._meet_trouble()
            self._settle("支払い / payments")
            self._redeem()
            return self._close_the_books()
        finally:
            self._town.close()

    # ------------------------------------------------------------ opening

    def _open(self) -> None:
        say("データベース・チェーン・API・ワーカーを起動します", "starting database, chain, API and worker")
        self._town.open(OPENING)
        self._gateway = Gateway(self._town.gateway_url)
        domain = self._gateway.town.domain
        say(
            f"コントラクト 0x{domain.verifying_contract.hex()}",
            "the contract is deployed, the books are open",
        )

    def _register_shops(self) -> None:
        town = self._town
        rows = read_merchants(town.merchants_path, town.program)
        keys = {row.number: Key.create() for row in rows}
        key_file = self._folder / "personal.key"
        create_key_file(key_file, data_folder=self._folder / "postgres")
        addresses = {number: key.address for number, key in keys.items()}
        personal = open_personal_data(key_file)
        with town.books() as books:
            import_rows(books, town.keys.staff, personal, rows, addresses, actor="demo")
        with town.books() as books:
            for row in rows:
                till = tills.create(books, row.number, "レジ1")
                made = credentials.create_for_till(books, till.id)
                till_client = Till(self._gateway, made.secret)
                self._shops.append(Shop(row.number, row.name_ja, keys[row.number], till_client))
        say(f"加盟店 {len(self._shops)} 店とレジを登録しました", f"{len(self._shops)} shops and their tills")

    def _register_residents(self) -> None:
        self._residents = [Resident(self._gateway, f"phone {number}") for number in range(RESIDENTS)]
        all_at_once(lambda resident: resident.wallet.register(), self._residents)
        say(f"ウォレット {RESIDENTS} 個を登録しました", f"{RESIDENTS} wallets, each with its own key")

    def _charge(self) -> None:
        town = self._town
        channels = list(town.keys.channels.values())
        requests = [
            Charge(resident.key.address, COINS, f"slip {number}")
            for number, resident in enumerate(self._residents)
        ]
        for place, channel in enumerate(channels):
            with town.books() as books:
                outcomes = charge_many(books, channel, requests[place :: len(channels)], actor="demo")
            for outcome in outcomes:
                if isinstance(outcome, Rejected):
                    raise outcome
        bonus = COINS * town.program.premium.rate_bps // 10_000
        say(
            f"{RESIDENTS} 人が {COINS:,} 円ずつチャージ（特典 {bonus:,} ポイント）",
            f"{RESIDENTS} charges of {COINS:,} with a bonus of {bonus:,} each",
        )
        self._settle("チャージ / charges")

    # ------------------------------------------------------------ paying

    def _shop_through_a_power_cut(self) -> None:
        purchases = shopping_list(self._residents, self._shops, ROUNDS, _SEED)
        third = len(purchases) // 3
        self._new_day(1)
        self._go(purchases[:third], "1日目 / day 1")
        self._settle("1日目 / day 1")
        self._new_day(2)
        self._go(purchases[third : 2 * third], "2日目 / day 2", cut_after=third // 2)
        self._new_day(3)
        self._go(purchases[2 * third :], "3日目 / day 3")

    def _new_day(self, days: int) -> None:
        self._town.set_time(OPENING + timedelta(days=days))
        self._gateway.refresh()

    def _go(self, purchases: list[Purchase], name: str, *, cut_after: int | None = None) -> None:
        made, is_cut = 0, False

        def progress(done: int) -> None:
            nonlocal made
            made = done
            if done % 100 == 0:
                say(f"{name}: 支払い {done} 件", f"{done} of {len(purchases)} payments")

        def cut_the_power_once() -> None:
            nonlocal is_cut
            if cut_after is not None and made >= cut_after and not is_cut:
                is_cut = True
                self._power_cut()

        go_shopping(purchases, self._wait_out, progress, cut_the_power_once)

    def _power_cut(self) -> None:
        say("停電: 4つのプロセスをすべて強制終了します", "power cut: all four processes are killed (SIGKILL)")
        self._town.power_cut()
        self._town.power_back()
        say("復旧しました。途中の支払いはそのまま続きます", "power is back; payments under way go on")

    def _wait_out(self) -> None:
        time.sleep(_OUTAGE_PAUSE_S)

    def _meet_trouble(self) -> None:
        trouble = Trouble(self._town, self._residents[0], self._residents[1], self._shops[0], self._shops[1])
        trouble.prepare()
        trouble.run()
        race(self._residents[2], (self._shops[2], self._shops[3]))
        self._refused = trouble.refused + 1
        say(
            f"偽の署名・二重払いなど {self._refused} 件をすべて断りました（残高は動いていません）",
            f"{self._refused} forged, repeated or wrong operations refused with their codes; nothing moved",
        )

    # ------------------------------------------------------------ settling

    def _settle(self, name: str) -> None:
        town = self._town
        seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)
        self._wait(self._is_settled)
        say(f"{name}: チェーンに記録しました", "settled and confirmed on the chain")

    def _is_settled(self) -> bool:
        with self._town.database.transaction() as connection:
            row = connection.execute(
                """SELECT (SELECT last_sequence FROM journal_head WHERE municipality = %(municipality)s)
                          = (SELECT max(last_sequence) FROM batch WHERE municipality = %(municipality)s AND state = 'confirmed')
                          AS is_settled""",
                {"municipality": self._town.municipality.code},
            ).fetchone()
        return bool(row and row["is_settled"])

    def _wait(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SETTLE_TIMEOUT_S
        while not is_done():
            self._town.check()
            if time.monotonic() > deadline:
                raise Unavailable("時間内に終わりませんでした。", "It was not done in time.")
            time.sleep(0.05)

    def _redeem(self) -> None:
        town = self._town
        with town.books() as books:
            done = redeem_everything(books, town.keys.cashier, "demo-2022-07", actor="demo")
        say(f"{len(done)} 店の売上を換金用に償却しました", f"the sales of {len(done)} shops are redeemed")
        self._settle("換金 / redemption")

    def _close_the_books(self) -> Figures:
        town = self._town
        with Rpc(town.node_url) as rpc:
            result = reconcile(town.database, town.municipality, rpc, clock=town.clock)
        for difference in result.differences:
            said = f"{place_of(difference, {})}: {books_of(difference)} / {other_of(difference)}"
            say(f"差異: {said}", "a difference between chain and books")
        accepted, settled, batches, gas = count_payments(town.database, town.municipality)
        return Figures(
            accepted=accepted,
            refused=self._refused,
            settled=settled,
            batches=batches,
            gas_per_payment=gas,
            reconciliation_differences=len(result.differences) + len(result.open_items),
            seconds=round(elapsed_s(), 1),
        )
