"""Checks of the chain: the node, the contract, its roles, gas, time, and how far it is behind the books."""

from coin.chain.code import has_our_code
from coin.chain.contract import BandaiCoin, Snapshot
from coin.chain.funds import balance_wei, shown
from coin.chain.rpc import NodeRefused, Rpc
from coin.chain.transactions import chain_id, current_fees, final_block
from coin.clock import jst_datetime
from coin.console import written_in_both
from coin.errors import CoinError
from coin.keyring import STAFF
from coin.keystore import list_keystore
from coin.ledger import batches
from coin.messages import checksum_address
from coin.registry.signers import SignerRole
from coin.settlement.foreign import foreign_batches, said_of
from coin.settlement.settler import GAS_LIMIT, Policy
from town_cli.server.doctor.finding import Finding, Question
from town_cli.server.folder import Home, OpenTown

NODE = Question("node", "チェーンのノード", "the chain's node")
CHAIN_ID = Question("chain_id", "チェーンの番号", "chain id")
CONTRACT = Question("contract", "コントラクト", "contract")
ROLES = Question("roles", "コントラクトの権限", "roles in the contract")
GAS = Question("gas", "精算のガス代", "gas for settling")
CHAIN_CLOCK = Question("clock_chain", "時計（チェーンと）", "clock against the chain's")
FOREIGN = Question("foreign_batches", "チェーンの束", "batches on the chain")
LAG = Question("lag", "チェーンへの記録", "journal against the chain")
FINALITY = Question("finality", "チェーンでの確定", "finality")

QUESTIONS = (NODE, CHAIN_ID, CONTRACT, ROLES, GAS, CHAIN_CLOCK, FOREIGN, LAG, FINALITY)
_AHEAD_S = 60
_LAG_PATIENCE_MS = 30 * 60_000
_FINALITY_PATIENCE_MIN = 30


def examine(home: Home, town: OpenTown) -> list[Finding]:
    """Return the findings about the chain, in the order of QUESTIONS."""
    with Rpc(town.places.node_url, timeout_s=10.0) as rpc:
        findings: list[Finding] = []
        try:
            _examine(findings, home, town, rpc)
        except CoinError as error:
            question = QUESTIONS[len(findings)]
            cure = (
                f"ノードを起動してください（場所は {home.folder / 'town.json'}）",
                f"start the node; {home.folder / 'town.json'} says where it is",
            )
            findings.append(question.problem(error.ja, error.en, cure=cure))
    return findings + [question.unknown() for question in QUESTIONS[len(findings) :]]


def _examine(findings: list[Finding], home: Home, town: OpenTown, rpc: Rpc) -> None:
    """Append findings; stop when a failure makes the remaining questions meaningless."""
    block = int(rpc.call("eth_blockNumber"), 16)
    findings.append(NODE.ok(f"応答しています（ブロック {block}）", f"it answers (block {block})"))
    for finding in (_chain_id(town, rpc), _contract(town, rpc)):
        findings.append(finding)
        if finding.cure_ja:
            return
    contract = BandaiCoin(rpc, town.municipality.domain.verifying_contract)
    findings.append(_roles(home, town, contract))
    findings.append(_gas(town, rpc))
    snapshot = contract.snapshot()
    findings.append(_clock(town, snapshot))
    findings.append(_foreign(town, rpc))
    findings.append(_lag(town))
    findings.append(_finality(town, rpc))


def _chain_id(town: OpenTown, rpc: Rpc) -> Finding:
    known, found = town.municipality.domain.chain_id, chain_id(rpc)
    return CHAIN_ID.judge(
        known == found,
        well=(f"{found}", f"{found}"),
        wrong=(f"{found} ですが、台帳では {known} です", f"{found}, but {known} in the books"),
        cure=("town.json の node_url を正しいノードにしてください", "correct node_url in town.json"),
    )


def _contract(town: OpenTown, rpc: Rpc) -> Finding:
    address = town.municipality.domain.verifying_contract
    shown = checksum_address(address)
    return CONTRACT.judge(
        has_our_code(rpc, address),
        well=(f"{shown} はこの版のコードです", f"{shown} is this release's code"),
        wrong=(f"{shown} のコードがこの版と違います", f"the code at {shown} is not this release's"),
        cure=(
            "別のチェーンを見ていないか確かめ、精算を止めて発行者に知らせてください",
            "make sure it is the right chain; stop settling and tell the issuer",
        ),
    )


def _roles(home: Home, town: OpenTown, contract: BandaiCoin) -> Finding:
    try:
        pauser = _pauser(home)
        staff = [home.keyring.address(name) for name in STAFF]
    except CoinError:
        return ROLES.unknown()  # the check of the key files has reported it
    offices, roles = contract.offices(), contract.signers(staff)
    missing = ["SETTLER"] if offices.settler != town.municipality.settler else []
    missing += ["PAUSER"] if pauser not in (None, offices.pauser) else []
    missing += [
        name for name, address in zip(STAFF, staff, strict=True) if roles[address].role != SignerRole.STAFF
    ]
    names = " ".join(missing)
    return ROLES.judge(
        not missing,
        well=("精算・停止・職員、そろっています", "settler, pauser and staff have their roles"),
        wrong=(f"権限がありません: {names}", f"without their role: {names}"),
        cure=(
            "職員2人が変えたのでなければ、鍵の盗難を疑ってください",
            "if two staff did not change this, suspect a stolen key",
        ),
    )


def _pauser(home: Home) -> bytes | None:
    """Return the pauser's address, if its key is on this machine; a careful town keeps it elsewhere."""
    path = home.keyring.keystore("pauser")
    return list_keystore(path)[0].address if path.exists() else None


def _gas(town: OpenTown, rpc: Rpc) -> Finding:
    fee_wei = current_fees(rpc).max_fee_wei
    if fee_wei == 0:
        return GAS.ok("ガス代のいらないチェーンです", "the chain needs none")
    settler = town.municipality.settler
    times = balance_wei(rpc, settler) // (fee_wei * GAS_LIMIT)
    amount, to = shown(100 * fee_wei * GAS_LIMIT), checksum_address(settler)
    return GAS.judge(
        times > 0,
        well=(f"あと {times:,} 束を送れます", f"enough for {times:,} batches"),
        wrong=("次の束を送るのに足りません", "not enough for the next batch"),
        cure=(
            f"精算の口座 {to} に補充してください（100 束で {amount} まで）",
            f"send some to the settler {to} ({amount} is enough for 100 batches)",
        ),
    )


def _clock(town: OpenTown, snapshot: Snapshot) -> Finding:
    now_s = town.clock.now_ms() // 1000
    block_ja, block_en = written_in_both(jst_datetime(snapshot.block_time_s * 1000))
    ahead_s = snapshot.block_time_s - now_s
    return CHAIN_CLOCK.judge(
        ahead_s <= _AHEAD_S,
        well=(f"最後のブロックは {block_ja}", f"the last block is of {block_en}"),
        wrong=(
            f"チェーンの時刻 {block_ja} が {ahead_s:,} 秒進んでいます",
            f"the chain's time {block_en} is {ahead_s:,} s ahead",
        ),
        cure=("この機械の時計を合わせてください（NTP）", "set this machine's clock right (NTP)"),
    )


def _foreign(town: OpenTown, rpc: Rpc) -> Finding:
    """Check by their content that the batches on the chain are those of the books."""
    with town.database.transaction() as connection:
        found = foreign_batches(connection, town.municipality, rpc)
    said = [(number, said_of(batch)) for number, batch in sorted(found.items())]
    return FOREIGN.judge(
        not found,
        well=("この台帳の束だけです", "only those of these books"),
        wrong=(
            "この台帳が締めていない束があります: "
            + "、".join(f"束 {number}({ja})" for number, (ja, _) in said),
            "not sealed by these books: " + ", ".join(f"batch {number} ({en})" for number, (_, en) in said),
        ),
        cure=(
            "精算の鍵が盗まれたか、別の台帳のワーカーが動いています。止めてから bandai-town adopt-foreign"
            "（職員2名。docs/town-office.md の「町のものでない束」）",
            "the settler's key was stolen, or the worker of other books runs: stop that, then bandai-town adopt-foreign"
            ' (two staff; docs/town-office.md, "A batch that is not the town\'s")',
        ),
    )


def _lag(town: OpenTown) -> Finding:
    """Check how long the oldest operation has waited for a block; the books know whose blocks are theirs."""
    with town.database.transaction() as connection:
        settled = batches.last_settled_sequence(connection, town.municipality.code)
        row = connection.execute(
            """SELECT count(*) AS waiting, min(accepted_at_ms) AS since_ms FROM chain_effect
               WHERE municipality = %s AND sequence > %s""",
            [town.municipality.code, settled],
        ).fetchone()
    waiting, since_ms = (row["waiting"], row["since_ms"]) if row else (0, 0)
    if not waiting:
        return LAG.ok(f"取引 {settled} まで、すべて記録済み", f"all {settled:,} operations are on it")
    minutes = max(town.clock.now_ms() - since_ms, 0) // 60_000
    return LAG.judge(
        minutes * 60_000 <= _LAG_PATIENCE_MS,
        well=(f"{waiting:,} 件が順番待ち（{minutes} 分前から）", f"{waiting:,} wait, for {minutes} min"),
        wrong=(
            f"{waiting:,} 件が {minutes:,} 分前から記録されていません",
            f"{waiting:,} operations wait, the oldest for {minutes:,} min",
        ),
        cure=(
            "bandai-town serve でワーカーを動かすか、bandai-town settle --now",
            "run the worker (bandai-town serve), or bandai-town settle --now",
        ),
    )


def _finality(town: OpenTown, rpc: Rpc) -> Finding:
    """Check that the node names a final block, and that no batch waits for it for long."""
    cure = (
        "ノードの同期を確かめ、確定のないチェーンでは BANDAI_CONFIRMATIONS にブロックの数を入れてください"
        "（docs/town-office.md の「どのノードで、どの設定で」）",
        "see whether the node is in step; on a chain without finality set BANDAI_CONFIRMATIONS to a number of blocks"
        ' (docs/town-office.md, "Which node, which settings")',
    )
    try:
        final = max(final_block(rpc, Policy.here(town.municipality).confirmations), 0)
    except NodeRefused as error:
        return FINALITY.problem(error.ja, error.en, cure=cure)
    with town.database.transaction() as connection:
        mined = batches.mined_batches(connection, town.municipality.code)
    if not mined:
        return FINALITY.ok(
            f"確定を待つ束はありません（確定 {final:,} まで）", f"none waits (final up to {final:,})"
        )
    minutes = max(town.clock.now_ms() // 1000 - (mined[0].block_time_s or 0), 0) // 60
    said = (
        f"{len(mined)} 束がブロック {mined[-1].block_number:,} までの確定を待っています（確定 {final:,} まで、{minutes:,} 分前から）",
        f"{len(mined)} batches up to block {mined[-1].block_number:,} are not final (final up to {final:,}), for {minutes:,} min",
    )
    return FINALITY.judge(minutes <= _FINALITY_PATIENCE_MIN, well=said, wrong=said, cure=cure)
