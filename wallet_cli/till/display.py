"""What a till shows in a terminal: the code for the customer's phone, and the paid amount in large letters."""

import os
import shutil
import sys

from bandai_client import Checkout, Receipt
from coin.clock import jst_datetime
from coin.console import say
from coin.qr.picture import terminal
from wallet_cli.common.wording import yen

_BELL = "\a"
_NARROW = 80

# White on black by colour number, so that the terminal's theme does not matter. The light modules are the blocks, because
# copying a screen drops spaces at the end of a line. Source: ECMA-48 (SGR) with xterm's 256 colours.
_INK = "\x1b[38;5;231;48;5;16m"
_PLAIN = "\x1b[0m"
_PIXEL_SIZES = ((3, 2), (2, 2), (1, 1))  # columns and rows of a terminal; the largest that fits is used
_GLYPHS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ",": (" ", " ", " ", "#", "#"),
    "¥": ("#   #", " # # ", "#####", "  #  ", "  #  "),
}


def has_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def has_colours() -> bool:
    """Return whether standard output shows colours; NO_COLOR turns them off."""
    return has_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def code(text: str, *, in_colours: bool, is_light: bool = False) -> str:
    """Draw a code with half blocks, readable on a dark and on a light terminal.

    Without colours it is readable on one of them only: on a dark terminal, or with `is_light` on a light one.
    """
    if not in_colours:
        return terminal(text, dark_background=not is_light)
    lines = terminal(text, dark_background=True).split("\n")
    return "\n".join(f"{_INK}{line}{_PLAIN}" for line in lines)


def large(amount_yen: int, *, columns: int) -> str:
    """Draw an amount in block letters, as large as `columns` allow."""
    letters = [_GLYPHS[letter] for letter in f"¥{amount_yen:,}"]
    rows = [" ".join(glyph[row] for glyph in letters) for row in range(5)]
    wide, high = next((size for size in _PIXEL_SIZES if len(rows[0]) * size[0] <= columns), _PIXEL_SIZES[-1])
    drawn = ["".join(("█" if dot == "#" else " ") * wide for dot in row).rstrip() for row in rows]
    return "\n".join(line for line in drawn for _ in range(high))


def code_lines(checkout: Checkout, pictures: dict[str, str], *, is_light: bool) -> list[str]:
    """Write the amount and the shop, to be shown under the code."""
    drawn = code(checkout.qr_text, in_colours=has_colours(), is_light=is_light)
    until = f"{jst_datetime(checkout.deadline_ms):%H:%M}"
    lines = [
        drawn,
        say(
            f"{checkout.merchant.name}  お会計 {yen(checkout.amount_yen)}  （{until} まで）",
            f"{checkout.merchant.name}  {yen(checkout.amount_yen)}  (until {until})",
        ),
        *slip_lines(checkout.reference),
        f"{pictures['png']}  {pictures['svg']}",
        say(f"お会計の番号 {checkout.id}", f"checkout {checkout.id}"),
    ]
    rows = drawn.count("\n") + 1 + len(lines)
    if has_colours() and shutil.get_terminal_size().lines < rows:
        hint = f"画面が低くて全部は見えません。{rows} 行以上に広げるか、PNG を開いてください。"
        lines.append(
            say(hint, f"The window is too low for the code: make it {rows} lines high, or open the PNG.")
        )
    return lines


def slip_lines(reference: str | None) -> list[str]:
    """Write what the shop wrote on a checkout, if anything."""
    return [] if reference is None else [say(f"伝票 {reference}", f"reference {reference}")]


def ring(amount_yen: int) -> list[str]:
    """Write an amount in large letters, with a bell."""
    columns = shutil.get_terminal_size((_NARROW, 24)).columns
    return [_BELL if has_terminal() else "", large(amount_yen, columns=columns), ""]


def paid_lines(receipt: Receipt, reference: str | None = None) -> list[str]:
    """Write that it is paid, with a bell and in large letters."""
    at = f"{jst_datetime(receipt.accepted_at_ms):%H:%M:%S}"
    return [
        *ring(receipt.amount_yen),
        say(
            f"支払い完了  {yen(receipt.amount_yen)}  {at}  番号 {receipt.sequence}（受領証を確かめました）",
            f"PAID  {yen(receipt.amount_yen)}  {at}  number {receipt.sequence} (receipt verified)",
        ),
        *slip_lines(reference),
    ]
