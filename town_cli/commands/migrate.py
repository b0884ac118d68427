"""`bandai-town migrate`: upgrades the schema of the books to this release."""

from coin.console.deeds import done
from coin.console.output import answer
from coin.messages import checksum_address
from coin.registry.municipality import Pin
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home
from town_cli.server.migration import migrate_town


def migrate(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """台帳を新しい版の形にする / Bring the books to the schema of this release, and pin a town that is not pinned."""
    migrated = migrate_town(Home(home))
    pinned = _shown(migrated.pin) if migrated.pin else ("", "")
    ja = ("すでに最新です。" if migrated.was_newest else "台帳を最新の形にしました。") + pinned[0]
    en = (
        "It was the newest already." if migrated.was_newest else "The books have the newest schema now."
    ) + pinned[1]
    if pinned[0] or not migrated.was_newest:
        done(ja, en)
    answer(
        ja,
        en,
        {"migrated": not migrated.was_newest, "pinned": migrated.pin is not None},
        as_json=as_json,
    )


def _shown(pin: Pin) -> tuple[str, str]:
    """Return the values that a person must compare, in both languages."""
    contract, key = checksum_address(pin.contract), checksum_address(pin.receipt_key)
    return (
        f"\nコントラクト {contract} と受領証の鍵 {key} を固定しました。"
        "deploy のときの表示や、前から使っているレジ・ウォレットと見比べてください。",
        f"\nPinned the contract {contract} and the receipts key {key}:"
        " compare them with what deploy has shown, and with tills and wallets that have long been in use.",
    )
