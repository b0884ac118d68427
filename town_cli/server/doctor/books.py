"""Checks of the books: the database, its schema, the rules and keys in force, the clocks, and what waits for the chain."""

from dataclasses import dataclass

from coin import core
from coin.clock import CLOCK_TOLERANCE_MS, SystemClock, jst_datetime, last_day
from coin.console import written_in_both
from coin.database.database import Conn, Database
from coin.database.migrate import is_newest
from coin.database.place import role_of
from coin.database.rights import TRIED, excessive_powers
from coin.errors import SENTENCES, CoinError, Rejection
from coin.keystore import read_key_file
from coin.ledger import batches
from coin.program import Program
from coin.registry import municipality as registry
from coin.registry.municipality import Municipality, Pin
from coin.settlement.settler import is_late
from town_cli.server.doctor.dates import DATES, dates
from town_cli.server.doctor.finding import Finding, Question
from town_cli.server.folder import Home, OpenTown
from town_cli.server.parts import Parts

DATABASE = Question("database", "データベース", "database")
RIGHTS = Question("database_rights", "プロセスの役割", "rights of the processes")
SCHEMA = Question("schema", "台帳の形", "schema of the books")
IN_FORCE = Question("rules_in_force", "台帳の決まり", "rules in the books")
PINNED = Question("pinned", "コントラクトと受領証の鍵", "contract and receipts key as deployed")
SERVICES = Question("service_keys", "API とワーカーの鍵", "keys of API and worker")
DATABASE_CLOCK = Question("clock_database", "時計（データベースと）", "clock against the database's")
JOURNAL_CLOCK = Question("clock_journal", "時計（最後の取引と）", "clock against the last operation")
PERIOD = Question("period", "発行期間", "period of issue")
BATCHES = Question("batches", "チェーンへ送る束", "batches to the chain")
INCIDENTS = Question("incidents", "チェーンが受け付けなかった取引", "operations that the chain skipped")

OPENING = (DATABASE, SCHEMA, RIGHTS, IN_FORCE)
QUESTIONS = (PINNED, SERVICES, DATABASE_CLOCK, JOURNAL_CLOCK, PERIOD, DATES, BATCHES, INCIDENTS)
_BATCH_PATIENCE_MS = 10 * 60_000
_PERIOD_NOTICE_MS = 30 * 86_400_000


@dataclass(frozen=True)
class Reached:
    """The books, as far as they could be opened, and the findings so far."""

    findings: tuple[Finding, ...]
    town: OpenTown | None


def reach(home: Home, parts: Parts, program: Program) -> Reached:
    """Check database, schema and rules; `town` is set if all three are good. The caller closes the database."""
    try:
        database = Database.open(parts.url)
    except CoinError as error:
        cure = (
            f"データベースを起動してください（場所は {home.folder / 'town.json'}）",
            f"start the database; {home.folder / 'town.json'} says where it is",
        )
        missing = DATABASE.problem(error.ja, error.en, cure=cure)
        return Reached((missing, SCHEMA.unknown(), RIGHTS.unknown(), IN_FORCE.unknown()), None)
    there = DATABASE.ok("応答しています", "it answers")
    if not is_newest(parts.url):
        database.close()
        old = SCHEMA.problem(
            "この版より古いか新しい形です",
            "older or newer than this release",
            cure=("bandai-town migrate", "bandai-town migrate"),
        )
        return Reached((there, old, RIGHTS.unknown(), IN_FORCE.unknown()), None)
    in_force, municipality = _rules_in_force(database, program)
    findings = (there, SCHEMA.ok("最新です", "the newest"), rights(parts, program), in_force)
    if municipality is None:
        database.close()
        return Reached(findings, None)
    return Reached(findings, OpenTown(database, municipality, home.clock(program), home.places()))


def examine(home: Home, town: OpenTown) -> list[Finding]:
    """Return the findings about open books, in the order of QUESTIONS."""
    with town.database.transaction() as connection:
        return [
            pinned(home, town.municipality),
            service_keys(home, town.municipality),
            database_clock(connection),
            journal_clock(connection, town),
            period(town),
            dates(connection, town),
            waiting_batches(connection, town),
            incidents(connection, town.municipality),
        ]


def rights(parts: Parts, program: Program) -> Finding:
    """Try, as the role that gateway and worker use, what no process may do: all of it must be refused."""
    role, code = role_of(parts.url) or "?", program.municipality.code
    found = excessive_powers(parts.url, code)
    return RIGHTS.judge(
        not found,
        well=(
            f"API とワーカーの {role} には、禁じられた {TRIED} 種の操作ができません",
            f"{role}, of API and worker, was refused all {TRIED} forbidden kinds of statement",
        ),
        wrong=(
            f"API とワーカーの {role} に、できてはいけないことができます: {'、'.join(found)}",
            f"{role}, of API and worker, can do what it must not: {', '.join(found)}",
        ),
        cure=(
            f"持ち主でない役割（bandai_{code} など）を town.json の database_url に使ってください（docs/operations.md）",
            f"use a role that owns nothing, such as bandai_{code}, as database_url in town.json (docs/operations.md)",
        ),
    )


def _rules_in_force(database: Database, program: Program) -> tuple[Finding, Municipality | None]:
    try:
        with database.transaction() as connection:
            municipality = registry.load(connection, program.municipality.code, program)
    except CoinError as error:
        cure = (
            "program.toml を deploy したときの内容に戻してください",
            "restore the program.toml that was deployed",
        )
        return IN_FORCE.problem(error.ja, error.en, cure=cure), None
    return IN_FORCE.ok("program.toml と同じです", "the same as program.toml"), municipality


def pinned(home: Home, municipality: Municipality) -> Finding:
    """Check that the books name the contract and the receipts key that were deployed, which the folder keeps (town.json)."""
    pin, books = home.pin(), Pin.of(municipality)
    if pin is None:
        return PINNED.problem(
            "町のフォルダーに固定されていません",
            "not pinned in the town's folder",
            cure=(
                "bandai-town migrate で固定し、表示を deploy のときの控えと見比べてください",
                "bandai-town migrate pins them; compare what it shows with what deploy has shown",
            ),
        )
    pairs = (
        ("chain_id", books.chain_id, pin.chain_id),
        ("contract", books.contract, pin.contract),
        ("receipt_key", books.receipt_key, pin.receipt_key),
    )
    wrong = " ".join(name for name, mine, known in pairs if mine != known)
    return PINNED.judge(
        not wrong,
        well=("deploy のときのままです", "as they were deployed"),
        wrong=(
            f"台帳が deploy のときと違います: {wrong}",
            f"the books differ from what was deployed: {wrong}",
        ),
        cure=(
            "台帳が書き換えられたおそれがあります。町を止め、bandai-town reconcile の結果を発行者に知らせてください",
            "somebody may have changed the books: stop the town, and tell the issuer what bandai-town reconcile says",
        ),
    )


def service_keys(home: Home, municipality: Municipality) -> Finding:
    """Check that the keys in the folder are those that books and contract know."""
    try:
        settler = home.keyring.address("settler")
        receipts = core.addresses(read_key_file(home.receipts_key_path))
    except CoinError as error:
        return SERVICES.problem(
            error.ja, error.en, cure=("控えから戻してください", "restore it from your copy")
        )
    pairs = (
        ("settler.json", settler, municipality.settler),
        ("receipts.key", receipts, municipality.receipt_key),
    )
    wrong = " ".join(name for name, mine, known in pairs if mine != known)
    return SERVICES.judge(
        not wrong,
        well=("台帳に登録された鍵です", "the same as in the books"),
        wrong=(f"台帳に登録された鍵ではありません: {wrong}", f"different from the books: {wrong}"),
        cure=("この町の控えから戻してください", "restore them from the copy of this town"),
    )


def database_clock(connection: Conn) -> Finding:
    """Check that the machine's clock and the database's clock agree."""
    row = connection.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms").fetchone()
    apart_s = (SystemClock().now_ms() - (row["ms"] if row else 0)) / 1000
    return DATABASE_CLOCK.judge(
        abs(apart_s) * 1000 <= CLOCK_TOLERANCE_MS,
        well=("合っています", "they agree"),
        wrong=(f"{apart_s:+,.0f} 秒ずれています", f"{apart_s:+,.0f} s apart"),
        cure=(
            "両方の機械で時刻の自動合わせ（NTP）を有効にしてください",
            "switch on time synchronisation (NTP) on both machines",
        ),
    )


def journal_clock(connection: Conn, town: OpenTown) -> Finding:
    """Check that the clock is not behind the last accepted operation."""
    row = connection.execute(
        "SELECT last_accepted_at_ms AS ms FROM journal_head WHERE municipality = %s", [town.municipality.code]
    ).fetchone()
    last_ms = row["ms"] if row else 0
    now_ja, now_en = written_in_both(jst_datetime(town.clock.now_ms()))
    last_ja, last_en = written_in_both(jst_datetime(last_ms))
    return JOURNAL_CLOCK.judge(
        last_ms <= town.clock.now_ms() + CLOCK_TOLERANCE_MS,
        well=(f"いま {now_ja}", f"now {now_en}"),
        wrong=(
            f"いま {now_ja} なのに、最後の取引は {last_ja} です",
            f"now {now_en}, but the last operation is of {last_en}",
        ),
        cure=(
            "時計を正しく合わせてください（合うまで取引は最後の時刻で記録されます）",
            "set the clock right (until then operations keep the last time)",
        ),
    )


def period(town: OpenTown) -> Finding:
    """Check that charges are possible today, and that the period does not end soon."""
    rules, now_ms = town.municipality.program.period, town.clock.now_ms()
    until_ja, until_en = written_in_both(last_day(rules.ends_s))
    if rules.starts_s * 1000 <= now_ms < rules.ends_s * 1000 - _PERIOD_NOTICE_MS:
        return PERIOD.ok(f"{until_ja} まで", f"until {until_en}")
    if rules.starts_s * 1000 <= now_ms < rules.ends_s * 1000:
        return PERIOD.ok(f"{until_ja} まで（次の年度の準備を）", f"until {until_en}: prepare the next year")
    return PERIOD.problem(
        f"期間の外です（{until_ja} まで）。チャージはできません",
        f"outside the period (until {until_en}); nothing can be charged",
        cure=(
            "次の年度の町を用意してください（bandai-town init）",
            "prepare the next year's town (bandai-town init)",
        ),
    )


def waiting_batches(connection: Conn, town: OpenTown) -> Finding:
    """Check that no batch waits for long, or for an approval."""
    oldest = batches.oldest_unmined(connection, town.municipality.code)
    if oldest is None:
        return BATCHES.ok("待っているものはありません", "none waits")
    now_ms = town.clock.now_ms()
    if is_late(oldest, now_ms // 1000) and oldest.approval is None:
        return BATCHES.problem(
            f"束 {oldest.number} は 240 時間を過ぎました",
            f"batch {oldest.number} is older than 240 h",
            cure=("bandai-town approve-late(職員2名)", "bandai-town approve-late (two staff)"),
        )
    count, minutes = (
        batches.count_unmined(connection, town.municipality.code),
        (now_ms - oldest.sealed_at_ms) // 60_000,
    )
    return BATCHES.judge(
        now_ms - oldest.sealed_at_ms <= _BATCH_PATIENCE_MS,
        well=(f"{count} 束を送っています", f"{count} on their way"),
        wrong=(
            f"{count} 束が {minutes:,} 分前から送られていません",
            f"{count} unsent, the oldest for {minutes:,} min",
        ),
        cure=(
            "bandai-town serve（ワーカー）の記録を見るか、bandai-town settle",
            "see the worker's log (bandai-town serve), or bandai-town settle",
        ),
    )


def incidents(connection: Conn, municipality: Municipality) -> Finding:
    """Check that the chain skipped nothing, or that every incident is closed."""
    rows = connection.execute(
        """SELECT sequence, reason FROM incident WHERE municipality = %s AND disposition IS NULL
           ORDER BY sequence LIMIT 3""",
        [municipality.code],
    ).fetchall()
    reasons = [(row["sequence"], SENTENCES[Rejection(row["reason"])]) for row in rows]
    return INCIDENTS.judge(
        not rows,
        well=("ありません", "none"),
        wrong=(
            "、".join(f"取引 {sequence}({ja})" for sequence, (ja, _) in reasons),
            ", ".join(f"operation {sequence} ({en})" for sequence, (_, en) in reasons),
        ),
        cure=(
            "店の売上はそのままです。2名で確かめ、発行者に報告してください（bandai-town reconcile）",
            "the shop keeps its money; two people look, and tell the issuer (bandai-town reconcile)",
        ),
    )
