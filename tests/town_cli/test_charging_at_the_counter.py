"""A clerk of 55 charges a wallet: reads or types its code, sees what will happen before the cash is taken, hands over a slip."""

import csv
import io
import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from office import Office

from coin.clock import FileClock, move_clock_to
from coin.qr import picture
from coin.qr.wallet_code import code_of, qr_text
from coin.registry import wallets

TOWN = "074071"
CHARGE = ("--channel", "shokokai")


@pytest.fixture
def wallet(office: Office) -> bytes:
    """The address of somebody who has registered and was never charged."""
    address = secrets.token_bytes(20)
    with office.home.open() as town, town.books() as books:
        wallets.register(books, address)
    return address


def charged(office: Office, address: bytes) -> list[int]:
    with office.home.open() as town, town.database.transaction() as connection:
        rows = connection.execute("SELECT coins FROM top_up WHERE holder = %s", [address]).fetchall()
    return [row["coins"] for row in rows]


def text_of(pdf: Path) -> str:
    page = pypdfium2.PdfDocument(pdf.read_bytes())[0]
    return str(page.get_textpage().get_text_range())


WAYS: dict[str, Callable[[bytes], str]] = {
    "typed": code_of,
    "typed with spaces and in small letters": lambda address: code_of(address).replace("-", " ").lower(),
    "scanned": lambda address: qr_text(TOWN, address),
    "the whole address": lambda address: "0x" + address.hex(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_wallet_is_named_by_its_code(office: Office, wallet: bytes, way: str) -> None:
    done = office.run("charge", WAYS[way](wallet), "1000", *CHARGE)

    assert done.exit_code == 0, done.output
    assert code_of(wallet) in done.stderr
    assert charged(office, wallet) == [1000]


def test_a_picture_of_the_code_is_read(office: Office, wallet: bytes, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture.png(qr_text(TOWN, wallet)))

    assert office.run("charge", str(photo), "1000", *CHARGE).exit_code == 0
    assert charged(office, wallet) == [1000]


def test_wallet_and_amount_are_asked_for_so_that_a_scanner_can_type(office: Office, wallet: bytes) -> None:
    done = office.run("charge", *CHARGE, answers=f"{qr_text(TOWN, wallet)}\n２,０００円\nはい\n")

    assert done.exit_code == 0, done.output
    assert charged(office, wallet) == [2000]


def test_a_wrong_character_is_named_and_nothing_is_charged(office: Office, wallet: bytes) -> None:
    code = code_of(wallet)
    wrong = code[:5] + ("0" if code[5] != "0" else "1") + code[6:]

    refused = office.run("charge", wrong, "1000", *CHARGE)

    assert refused.exit_code == 3
    assert "5文字目" in refused.stderr
    assert "[wallet_code_wrong]" in refused.stderr
    assert charged(office, wallet) == []


def test_a_code_that_two_wallets_have_needs_the_qr_code(office: Office, wallet: bytes) -> None:
    other = wallet[:-1] + bytes([wallet[-1] ^ 1])
    with office.home.open() as town, town.books() as books:
        wallets.register(books, other)

    typed, scanned = (
        office.run("charge", text, "1000", *CHARGE) for text in (code_of(other), qr_text(TOWN, other))
    )

    assert (typed.exit_code, "[wallet_code_shared]" in typed.stderr) == (8, True)
    assert (scanned.exit_code, charged(office, other), charged(office, wallet)) == (0, [1000], [])


def test_everything_is_shown_and_asked_before_the_cash_is_taken(office: Office, wallet: bytes) -> None:
    refused = office.run("charge", code_of(wallet), "5000", *CHARGE, answers="いいえ\n")
    nobody = office.run("charge", code_of(wallet), "5000", *CHARGE, answers="")

    assert (refused.exit_code, nobody.exit_code) == (130, 130)
    for shown in (code_of(wallet), "5,000", "500", "商工会", "伝票番号 2022"):
        assert shown in refused.stderr
    assert charged(office, wallet) == []


def test_what_a_rule_refuses_is_refused_before_anybody_is_asked_for_cash(
    office: Office, wallet: bytes
) -> None:
    refused = office.run("charge", code_of(wallet), "1001", *CHARGE)

    assert refused.exit_code == 4
    assert "[y/N]" not in refused.stderr


def test_the_same_again_within_two_minutes_is_asked_about_even_with_yes(
    office: Office, wallet: bytes
) -> None:
    words = ("charge", code_of(wallet), "1000", *CHARGE, "--yes")
    now_ms = FileClock(office.folder / "clock.json").now_ms()

    first = office.run(*words, answers="")
    second = office.run(*words, answers="")
    meant = office.run(*words, "--again", answers="")
    move_clock_to(office.folder / "clock.json", now_ms + 200_000)
    later = office.run(*words, answers="")

    assert [done.exit_code for done in (first, second, meant, later)] == [0, 130, 0, 0]
    assert charged(office, wallet) == [1000] * 3


def test_a_slip_number_is_drawn_and_a_slip_can_be_printed_again(
    office: Office, wallet: bytes, tmp_path: Path
) -> None:
    file, again = tmp_path / "slip.pdf", tmp_path / "again.pdf"

    told = office.run("charge", code_of(wallet), "5000", *CHARGE, "--slip", str(file), "--yes", "--json")
    slip = json.loads(told.stdout)["slip"]
    printed = office.run("charges", "slip", slip, str(again), "--channel", "磐梯町 商工会", "--paper", "A4")
    unknown = office.run("charges", "slip", "no such slip", str(again), *CHARGE)

    assert re.fullmatch(r"2022\d{4}-[0-9A-HJKMNP-TV-Z]{6}", slip)
    assert slip in told.stderr
    assert printed.exit_code == 0, printed.output
    assert (unknown.exit_code, "[slip_unknown]" in unknown.stderr) == (6, True)
    for page in (text_of(file), text_of(again)):
        for fact in ("チャージの控え", slip, code_of(wallet), "5,000円", "500"):
            assert fact in page
    narrow, wide = (pypdfium2.PdfDocument(pdf.read_bytes())[0].get_width() for pdf in (file, again))
    assert (round(narrow / 72 * 25.4), round(wide / 72 * 25.4)) == (80, 210)


def test_a_slip_that_cannot_be_written_is_noticed_before_the_charge(office: Office, wallet: bytes) -> None:
    refused = office.run("charge", code_of(wallet), "1000", *CHARGE, "--slip", "/proc/slip.pdf")

    assert (refused.exit_code, "[file_unwritable]" in refused.stderr) == (3, True)
    assert charged(office, wallet) == []


def test_a_slip_whose_printer_is_full_leaves_the_charge_and_says_its_number(
    office: Office, wallet: bytes
) -> None:
    done = office.run(
        "charge", code_of(wallet), "1000", *CHARGE, "--slip", "/dev/full", "--reference", "紙切れ"
    )

    assert done.exit_code == 10
    assert "紙切れ" in done.stderr
    assert "[done_not_shown]" in done.stderr
    assert charged(office, wallet) == [1000]


@pytest.fixture
def cut_at_commit(office: Office) -> Iterator[Callable[[], None]]:
    """Books whose connection dies while a charge is committed; what is yielded mends them."""

    def mend() -> None:
        office.as_owner("DROP TRIGGER IF EXISTS cut ON top_up")
        office.as_owner("DROP FUNCTION IF EXISTS cut")

    office.as_owner(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
    )
    office.as_owner(
        "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON top_up DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION cut()"
    )
    yield mend
    mend()


def test_a_charge_that_nobody_knows_of_names_its_slip_and_is_safe_to_repeat_with_it(
    office: Office, wallet: bytes, cut_at_commit: Callable[[], None]
) -> None:
    words = ("charge", code_of(wallet), "1000", *CHARGE, "--again", "--yes")
    lost = office.run(*words)
    cut_at_commit()
    [slip] = set(re.findall(r"--reference (\S+) を", lost.stderr))
    repeated = [office.run(*words, "--reference", slip).exit_code for _ in range(2)]

    assert lost.exit_code == 7, lost.output
    assert "[charge_in_doubt]" in lost.stderr
    assert f"charges slip {slip} slip.pdf --channel shokokai" in lost.stderr
    assert repeated == [0, 4]
    assert charged(office, wallet) == [1000]


def test_the_charges_of_a_day_are_listed_by_channel_and_open_in_a_spreadsheet(
    office: Office, wallet: bytes, tmp_path: Path
) -> None:
    office.run("charge", code_of(wallet), "3000", *CHARGE)
    file = tmp_path / "day.csv"

    shown = office.run("charges", "list", "--csv", str(file))
    other = office.run("charges", "list", "--channel", "道の駅ばんだい", "--json")
    before = office.run("charges", "list", "--on", "2022-04-01")

    assert shown.exit_code == 0, shown.output
    content = file.read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    [mine] = [row for row in rows if code_of(wallet) in row]
    assert content.startswith(b"\xef\xbb\xbf")
    assert mine[4:] == ["3000", "300"]
    assert code_of(wallet) in shown.stdout
    assert code_of(wallet) not in {item["code"] for item in json.loads(other.stdout)["charges"]}
    assert "2022年4月1日" in before.stdout
