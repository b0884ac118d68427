"""A change of the books without a signed record is found, with its place: a clerk who keeps cash, or a changed amount, shop, day or budget. Each
attacker here owns the database and keeps every balance and sum in order."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row, dict_row

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, parse_jst_date
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.messages import checksum_address
from coin.receipts import Receipt, ReceiptSigner
from coin.reconciliation import codes
from coin.reconciliation.figures import Figure
from coin.reconciliation.reconcile import reconcile
from coin.registry import municipality as registry
from coin.registry.municipality import Municipality, Pin
from tests.databases import copied
from tests.worlds.people import key_of
from tests.worlds.settled import SettledTown, found, signatory
from town_cli.desk.redemptions import redeem_everything

END_S = jst_midnight_s(parse_jst_date("2023-04-01"))  # its last day is 2023-03-31
A_CHARGE = "(SELECT min(operation::text)::uuid FROM top_up)"
ITS_PAYER = (
    "(SELECT credit FROM journal WHERE operation = (SELECT min(operation::text)::uuid FROM top_up) LIMIT 1)"
)
ITS_CASH = "(SELECT id FROM account WHERE class = 'cash' AND reference = (SELECT min(channel) FROM top_up))"
ITS_FUND = "(SELECT max(fund) FROM top_up)"
ITS_EXPENSE = f"(SELECT id FROM account WHERE class = 'point_expense' AND reference = {ITS_FUND})"
FIRST_SHOP = "(SELECT account FROM merchant WHERE number = 1)"
PAYMENT = "(SELECT operation FROM payment WHERE merchant_number = 1 ORDER BY sequence LIMIT 1)"

POCKETED = f"""
UPDATE journal SET amount = amount - 100 WHERE operation = {A_CHARGE} AND kind = 'coin';
UPDATE journal SET amount = amount + 100 WHERE operation = {A_CHARGE} AND kind = 'point';
UPDATE top_up SET coins = coins - 100, points = points + 100 WHERE operation = {A_CHARGE};
UPDATE balance SET amount = amount - 100 WHERE account = {ITS_CASH};
UPDATE balance SET amount = amount + 100 WHERE account = {ITS_EXPENSE};
UPDATE balance SET amount = amount - 100 WHERE account = {ITS_PAYER} AND kind = 'coin';
INSERT INTO balance SELECT municipality, {ITS_PAYER}, 'point', expiry_s, fund, 100 FROM journal
    WHERE operation = {A_CHARGE} AND kind = 'point'
    ON CONFLICT (municipality, account, kind, expiry_s, fund) DO UPDATE SET amount = balance.amount + 100;
UPDATE fund SET spent = spent + 100 WHERE id = {ITS_FUND}"""
POINTS_CALLED_COINS = f"""
UPDATE journal SET amount = amount - 100 WHERE operation = {PAYMENT} AND kind = 'point';
UPDATE journal SET amount = amount + 100 WHERE operation = {PAYMENT} AND kind = 'coin'"""
TO_A_FRIENDS_SHOP = f"""
UPDATE journal SET credit = (SELECT account FROM merchant WHERE number = 2) WHERE operation = {PAYMENT};
UPDATE payment SET merchant_number = 2 WHERE operation = {PAYMENT}"""
WITHOUT_A_RECORD = f"""
INSERT INTO operation VALUES ('074071', 'ffffffff-ffff-7fff-8fff-ffffffffffff', -1, NULL, 0, 2022, 'x');
INSERT INTO journal VALUES ('074071', 'ffffffff-ffff-7fff-8fff-ffffffffffff', 1, 2022, 'payment',
    (SELECT id FROM account WHERE class = 'payout' AND reference = '000001'), {ITS_CASH}, 'coin', 0, '', 500)"""
NOBODY = "'ffffffff-ffff-7fff-8fff-ffffffffffff'"
A_ROLE = "(SELECT id FROM operation WHERE kind = 20 ORDER BY sequence LIMIT 1)"
A_PAYOUT_OF = """
INSERT INTO redeem SELECT municipality, decode(repeat('ab', 32), 'hex'), {operation}, 1, 5000 FROM redeem LIMIT 1"""
A_CHARGE_OF = """
INSERT INTO top_up SELECT municipality, decode(repeat('ab', 32), 'hex'), {operation}, channel, signer, holder, 0,
    coin_expiry_s, 0, point_expiry_s, fund, decode(repeat('cd', 32), 'hex'), day FROM top_up ORDER BY operation LIMIT 1"""
OTHER_CASH = "(SELECT id FROM account WHERE class = 'cash' AND reference = 'michinoeki')"
CASH_WITHOUT_AN_OPERATION = f"""
INSERT INTO journal VALUES ('074071', {NOBODY}, 1, 2022, 'payment', {OTHER_CASH}, {ITS_CASH}, 'coin', 0, '', 500);
UPDATE balance SET amount = amount - 500 WHERE account = {ITS_CASH};
INSERT INTO balance VALUES ('074071', {OTHER_CASH}, 'coin', 0, '', 500)"""
SHOPS_OF_LAST_YEAR = """
UPDATE operation SET accepted_at_ms = accepted_at_ms - 31536000000, fiscal_year = 2021 WHERE kind = 17;
UPDATE chain_effect SET accepted_at_ms = accepted_at_ms - 31536000000 WHERE kind = 17"""
A_ROLE_AGAIN = """
INSERT INTO operation SELECT municipality, gen_random_uuid(), kind, 90, accepted_at_ms, fiscal_year, actor
    FROM operation WHERE sequence = 1;
INSERT INTO chain_effect SELECT municipality, 90, kind, words, signatures, substring(signers FROM 21) || substring(signers FOR 20),
    context, accepted_at_ms, decode(repeat('ab', 32), 'hex') FROM chain_effect WHERE sequence = 1"""
A_PAYMENT_AGAIN = """
INSERT INTO operation SELECT municipality, gen_random_uuid(), 5, 90, accepted_at_ms, fiscal_year, actor
    FROM operation WHERE kind = 4;
INSERT INTO chain_effect SELECT municipality, 90, 5, words, signatures, signers, context, accepted_at_ms, NULL
    FROM chain_effect WHERE kind = 4"""
WITHOUT_THE_RULE = "ALTER TABLE chain_effect DROP CONSTRAINT a_signed_record_has_its_digest;"
NO_CALENDAR_HAS_IT = """
UPDATE operation SET accepted_at_ms = 1000000000000000000 WHERE kind = 11;
UPDATE chain_effect SET accepted_at_ms = 1000000000000000000 WHERE kind = 11"""

CHANGES = {
    "coins of a charge called points, and the cash pocketed": (POCKETED, "operation {charge} lines"),
    "points spent called coins": (POINTS_CALLED_COINS, "operation {payment} lines"),
    "a payment moved to another shop": (TO_A_FRIENDS_SHOP, "operation {payment} merchant_number"),
    "money moved without a record": (
        WITHOUT_A_RECORD,
        "operation ffffffff-ffff-7fff-8fff-ffffffffffff record",
    ),
    "a charge in another till": (
        "UPDATE top_up SET channel = 'michinoeki'; UPDATE signer SET channel = 'michinoeki' WHERE channel = 'shokokai'",
        "operation {charge} channel",
    ),
    "an amount in a shop's list": (
        f"UPDATE payment SET amount = amount + 1 WHERE operation = {PAYMENT}",
        "operation {payment} amount",
    ),
    "a redeem in the list": ("UPDATE redeem SET amount = amount + 1", "operation {redeem} amount"),
    "a last year's charge": ("UPDATE journal SET fiscal_year = 2021", "operation {charge} fiscal_years"),
    "a day earlier": (
        """UPDATE operation SET accepted_at_ms = accepted_at_ms - 86400000;
           UPDATE chain_effect SET accepted_at_ms = accepted_at_ms - 86400000""",
        "batch 1 last_acceptance_s",
    ),
    "a larger budget": ("UPDATE fund SET budget = budget + 1", "fund {fund} budget"),
    "a budget spent again": ("UPDATE fund SET spent = spent - 1 WHERE spent > 0", "fund {fund} given"),
    "an allowance spent again": ("DELETE FROM signer_usage", "usage {channel}"),
    "the address that wallets sign to": (
        "UPDATE merchant SET address = decode(repeat('ab', 20), 'hex') WHERE number = 2",
        "merchant 2 address record",
    ),
    "the account that a shop's money goes to": (
        f"UPDATE merchant SET account = {FIRST_SHOP} WHERE number = 2",
        "merchant 2 account",
    ),
    "the name of a shop": ("UPDATE merchant SET name = 'x' WHERE number = 2", "merchant 2 facts record"),
    "the hash of a shop's bank account": (
        "UPDATE merchant SET bank_hash = decode(repeat('ab', 32), 'hex') WHERE number = 2",
        "merchant 2 facts record",
    ),
    "a closed shop": (
        "UPDATE merchant SET is_open = false WHERE number = 2",
        "merchant 2 is_open record",
    ),
    "an audit row gone": ("DELETE FROM audit WHERE action = 'redeem'", "operation {redeem} actor"),
    "a number gone": (
        """DELETE FROM random_nonce; DELETE FROM payment WHERE kind = 7;
           DELETE FROM journal USING operation o WHERE o.id = operation AND o.kind = 7;
           DELETE FROM chain_effect WHERE kind = 7; DELETE FROM operation WHERE kind = 7""",
        "operation {send} exists",
    ),
    "a payout on another operation": (A_PAYOUT_OF.format(operation=A_ROLE), "operation 1 lists"),
    "a payout of no operation": (
        A_PAYOUT_OF.format(operation=NOBODY),
        "operation ffffffff-ffff-7fff-8fff-ffffffffffff record",
    ),
    "a charge on another operation": (A_CHARGE_OF.format(operation=A_ROLE), "operation 1 lists"),
    "a charge twice in the list": (A_CHARGE_OF.format(operation=A_CHARGE), "operation {charge} lists"),
    "cash moved by no operation": (
        CASH_WITHOUT_AN_OPERATION,
        "operation ffffffff-ffff-7fff-8fff-ffffffffffff record",
    ),
    "what a redeem is called": (
        "UPDATE journal SET code = 'expiry' WHERE code = 'redeem'",
        "operation {redeem} entries",
    ),
    "who acted in a payment": (
        "UPDATE operation SET actor = 'x' WHERE kind = 4",
        "operation {payment} actor",
    ),
    "what a payment is called": (
        "UPDATE payment SET kind = 5 WHERE kind = 4",
        "operation {payment} listed_kind",
    ),
    "a charge that ends on another day": (
        "UPDATE top_up SET coin_expiry_s = coin_expiry_s + 86400",
        "operation {charge} coin_expiry_s",
    ),
    "a charge without its fund": ("UPDATE top_up SET fund = ''", "operation {charge} lines"),
    "shops of last year": (SHOPS_OF_LAST_YEAR, "batch 1 is_short"),
    "one acceptance before another": (
        "UPDATE chain_effect SET accepted_at_ms = accepted_at_ms - 1 WHERE kind = 4",
        "batch 1 is_in_order",
    ),
    "a time that no calendar has": (NO_CALENDAR_HAS_IT, "operation {redeem} has_a_time"),
    "a day that no calendar has": (
        "UPDATE journal SET expiry_s = 1000000000000000000 WHERE kind = 'point' AND expiry_s > 0",
        "operation {charge} lines",
    ),
    "a wallet that exits": ("UPDATE wallet SET exit_at_s = 1", "holder "),
    "a wallet that no incident holds": ("UPDATE wallet SET in_incident = true", "holder "),
    "a shop gone": ("DELETE FROM merchant WHERE number = 2", "merchant 2 address record"),
    "a shop of another number": (
        "UPDATE merchant SET number = 7 WHERE number = 2",
        "merchant 7 account",
    ),
    "a signer gone": ("DELETE FROM signer WHERE role = 3", "signer "),
    "a budget gone": ("DELETE FROM fund", "fund {fund} budget"),
    "an address that no shop has had": (
        "INSERT INTO retired_merchant_address VALUES ('074071', decode(repeat('ab', 20), 'hex'), 1)",
        "retired_address ",
    ),
    "a date that has ended": (
        "UPDATE expiry_date SET expired_sequence = 5",
        f"date {END_S} ended_by",
    ),
    "a date in another lane, and opened by another operation": (
        "UPDATE expiry_date SET lane = lane + 1, opened_sequence = 1",
        f"date {END_S} opened_by",
    ),
    "the head of the journal gone": ("DELETE FROM journal_head", "journal last_sequence"),
    "another digest of a charge": (
        "UPDATE top_up SET digest = set_byte(digest, 5, get_byte(digest, 5) # 1)",
        "operation {charge} digest",
    ),
    "another digest of a record": (
        "UPDATE chain_effect SET digest = set_byte(digest, 5, get_byte(digest, 5) # 1) WHERE kind = 11",
        "operation {redeem} digest",
    ),
    "the digest of a record gone": (
        WITHOUT_THE_RULE + "UPDATE chain_effect SET digest = NULL WHERE kind = 11",
        "operation {redeem} digest",
    ),
    "the digest of a charge's record gone": (
        WITHOUT_THE_RULE + "UPDATE chain_effect SET digest = NULL WHERE kind = 1",
        "operation {charge} digest",
    ),
    "a digest of a record that has none": (
        "UPDATE chain_effect SET digest = decode(repeat('ab', 32), 'hex') WHERE kind = 4",
        "operation {payment} digest",
    ),
    "another digest of a payment": (
        "UPDATE payment SET id = decode(repeat('ab', 32), 'hex') WHERE kind = 4",
        "operation {payment} digest",
    ),
    "coins called a bonus": (
        "UPDATE journal SET code = CASE code WHEN 'bonus' THEN 'top_up' ELSE 'bonus' END WHERE code IN ('top_up', 'bonus')",
        "operation {charge} entries",
    ),
    "another transaction of a batch": (
        "UPDATE batch SET transaction_hash = decode(repeat('ab', 32), 'hex')",
        "batch 1 transaction",
    ),
    "another block of a batch": ("UPDATE batch SET block_number = block_number + 1", "batch 1 block chain"),
    "a block of another hash": (
        "UPDATE batch SET block_hash = decode(repeat('ab', 32), 'hex')",
        "batch 1 block_hash",
    ),
    "a payment after its authorization has ended": (
        """UPDATE operation SET accepted_at_ms = accepted_at_ms + 86400000 WHERE kind = 4;
           UPDATE chain_effect SET accepted_at_ms = accepted_at_ms + 86400000 WHERE kind = 4""",
        "operation {payment} is_accepted_in_time",
    ),
    "a later end of the journal": (
        "UPDATE journal_head SET last_accepted_at_ms = last_accepted_at_ms + 1",
        "journal accepted_at_ms",
    ),
    "the highest of all numbers": (
        """UPDATE operation SET sequence = 9223372036854775807 WHERE kind = 11;
           UPDATE chain_effect SET sequence = 9223372036854775807 WHERE kind = 11""",
        "operations {redeem} 9223372036854775806 exists",
    ),
    "an allowance used before all days": ("UPDATE signer_usage SET day = -1", "usage {channel}"),
    "a date before all dates": (
        "UPDATE expiry_date SET expiry_s = -86400 WHERE lane = 0",
        "date -86400 is_opened",
    ),
    "a date that the chain cannot hold": (
        "UPDATE expiry_date SET expiry_s = 1::bigint << 40 WHERE lane = 0",
        "date 1099511627776 is_opened",
    ),
    "a batch before all times": ("UPDATE batch SET as_of_s = -1 WHERE number = 1", "batch 1 bytes"),
    "the records of a batch gone": ("DELETE FROM chain_effect", "batch 1 bytes"),
    "a signature that is none": (
        "UPDATE chain_effect SET signatures = decode(repeat('ff', 65), 'hex') WHERE kind = 11",
        "batch 2 bytes",
    ),
    "an amount that no sum holds": (
        "UPDATE journal SET amount = 9223372036854775807",
        "operation {charge} lines",
    ),
    "a charge that no sum holds": (
        "UPDATE top_up SET coins = 9223372036854775807, points = 9223372036854775807",
        "operation {charge} coins",
    ),
    "the words of a role a second time": (A_ROLE_AGAIN, "operation 90 same_words_as record"),
    "a payment a second time, in its other form": (
        A_PAYMENT_AGAIN,
        "operation 90 same_words_as record",
    ),
    "a record that cannot be read": (
        "UPDATE chain_effect SET words = '' WHERE kind = 11",
        "operation {redeem} record",
    ),
}


@pytest.fixture(scope="module")
def settled(postgres: EmbeddedPostgres, chain: Anvil) -> Iterator[tuple[str, SettledTown]]:
    """A town with charges, payments, a send and a redeem, all settled; its database's name, for copies."""
    with copied(postgres, "template_bandai") as url, Rpc(chain.url) as rpc:
        database = Database.open(url.replace("postgres@", "bandai_app@", 1))
        town = found(database, rpc)
        town.shops("bakery", "diner")
        town.enrol(10_000, "aoi", "riku")
        town.pay("aoi", "bakery", 1_200)
        town.pay("aoi", "riku", 50, nonce=(1 << 200) + 5)
        town.settle()
        cashier = signatory("cashier")
        with town.books() as books:
            redeem_everything(books, cashier, "first", actor="test")
        town.settle()
        database.close()
        yield str(conninfo_to_dict(url)["dbname"]), town


@pytest.fixture
def copy(postgres: EmbeddedPostgres, settled: tuple[str, SettledTown]) -> Iterator[str]:
    """The books of that town, to be spoilt: the URL of their owner."""
    with copied(postgres, settled[0]) as url:
        yield url


def places(url: str, municipality: Municipality, rpc: Rpc, pin: Pin | None = None) -> set[str]:
    """Where something differs: subject, id, field and what the books are compared with, in their codes."""
    database = Database.open(url.replace("postgres@", "bandai_app@", 1))
    try:
        return {place(item) for item in reconcile(database, municipality, rpc, pin=pin).differences}
    finally:
        database.close()


def place(figure: Figure) -> str:
    """The codes of a figure in one text."""
    coded = codes.of_figure(figure)
    ids = coded["id"].values() if isinstance(coded["id"], dict) else [coded["id"]]
    words = [coded["subject"], *ids, coded["field"], coded["against"]]
    return " ".join(str(word) for word in words if word is not None)


def names(url: str) -> dict[str, object]:
    """The numbers of the first charge, payment, send and redeem, the fund's id and the channel's key."""
    with psycopg.connect(url) as owner:
        kinds = dict(owner.execute("SELECT kind, min(sequence) FROM operation GROUP BY kind").fetchall())
        fund, channel = owner.execute("SELECT max(fund), max(signer::text)::bytea FROM top_up").fetchone()
    return {
        "charge": kinds[1],
        "payment": kinds[4],
        "send": kinds[7],
        "redeem": kinds[11],
        "fund": fund,
        "channel": checksum_address(channel),
    }


def test_books_that_nobody_touched_are_vouched_for(
    copy: str, settled: tuple[str, SettledTown], rpc: Rpc
) -> None:
    assert places(copy, settled[1].municipality, rpc) == set()


@pytest.mark.parametrize(("change", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_change_behind_the_records_is_named_with_its_place(
    change: str, wanted: str, copy: str, settled: tuple[str, SettledTown], rpc: Rpc
) -> None:
    wanted = wanted.format(**names(copy))

    with psycopg.connect(copy, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(change.encode())

    assert any(found.startswith(wanted) for found in places(copy, settled[1].municipality, rpc))


RECEIPTS = {
    "one bit of the signature": "UPDATE payment SET receipt = set_byte(receipt, 40, get_byte(receipt, 40) # 1) WHERE kind = 4",
    "no signature": "UPDATE payment SET receipt = decode(repeat('00', 65), 'hex') WHERE kind = 4",
    "another payment's signature": """UPDATE payment SET receipt = (SELECT receipt FROM payment WHERE kind = 7)
        WHERE kind = 4""",
    "another payment": "UPDATE payment SET id = decode(repeat('ab', 32), 'hex') WHERE kind = 4",
    "another checkout": "UPDATE payment SET checkout = repeat('0', 26) WHERE kind = 4",
    "a checkout that none can be": "UPDATE payment SET checkout = repeat('円', 26) WHERE kind = 4",
}


@pytest.mark.parametrize("change", RECEIPTS.values(), ids=RECEIPTS)
def test_a_receipt_that_the_town_did_not_sign_for_what_the_books_say_is_named(
    change: str, copy: str, settled: tuple[str, SettledTown], rpc: Rpc
) -> None:
    payment = names(copy)["payment"]

    with psycopg.connect(copy, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(change.encode())

    odd = {odd for odd in places(copy, settled[1].municipality, rpc) if "genuine" in odd}
    assert odd == {f"operation {payment} is_receipt_genuine signature"}


def test_a_foreign_receipts_key_in_the_books_is_named_and_makes_no_receipt_genuine(
    copy: str, settled: tuple[str, SettledTown], rpc: Rpc
) -> None:
    town = settled[1].municipality
    foreign = ReceiptSigner(key_of("foreign"))

    with psycopg.connect(copy, autocommit=True, row_factory=dict_row) as owner:
        owner.execute("UPDATE municipality SET receipt_key = %s", [foreign.address])
        rows = owner.cursor(row_factory=class_row(Receipt)).execute(
            """SELECT p.payee AS merchant, coalesce(c.till::text, '') AS till, p.checkout, p.id AS payment, p.amount,
                      p.sequence, p.accepted_at_ms, %s AS key_id
               FROM payment p LEFT JOIN checkout c ON c.id = p.checkout""",
            [foreign.key_id],
        )
        receipts = foreign.sign(town.domain, rows.fetchall())
        for receipt in receipts:
            owner.execute(
                "UPDATE payment SET receipt = %s WHERE id = %s", [receipt.signature, receipt.payment]
            )
        changed = registry.load(owner, town.code, town.program)

    assert places(copy, changed, rpc) == set()
    assert places(copy, changed, rpc, Pin.of(town)) == {
        "town receipts_key pin",
        *(f"operation {receipt.sequence} is_receipt_genuine signature" for receipt in receipts),
    }


def test_a_foreign_contract_in_the_books_is_named_and_the_pinned_one_is_compared(
    copy: str, settled: tuple[str, SettledTown], rpc: Rpc
) -> None:
    town = settled[1].municipality

    with psycopg.connect(copy, autocommit=True, row_factory=dict_row) as owner:
        owner.execute("UPDATE municipality SET contract = decode(repeat('ab', 20), 'hex'), chain_id = 1")
        changed = registry.load(owner, town.code, town.program)

    assert places(copy, changed, rpc, Pin.of(town)) == {"town contract pin", "town chain pin"}
