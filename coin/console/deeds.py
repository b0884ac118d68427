"""What a command has done and cannot take back, until the person has read it.

A command acts, then speaks. If it cannot speak (a full disk, a closed pipe, a slip whose file cannot be written, Ctrl-C at
that moment), the deed stands all the same. Then standard error says what was done, with its number, under an exit number of
its own, and never advises to run the command again. `coin.console.output` ends that state when the answer is written, and
`coin.console.groups` asks for it when a command ends by an error.

What cannot be shown again (recovery words, a credential, a pairing code) is shown before the deed becomes final, so that a
failure to show it undoes it.
"""

import errno
from dataclasses import dataclass

from coin.console.places import reason_of
from coin.errors import CoinError, InvalidInput


@dataclass(frozen=True)
class Deed:
    """What was done, in both languages, with the number or id by which it is found again."""

    ja: str
    en: str


class DoneNotShown(CoinError):
    """Something was done, and its answer could not be shown."""

    code = "done_not_shown"

    def __init__(self, deeds: tuple[Deed, ...], ja: str, en: str) -> None:
        told_ja, told_en = ("\n".join(f"  {line}" for line in lines) for lines in _both(deeds))
        super().__init__(
            f"次のことは済んでいます。もう一度実行しないでください。\n{told_ja}\n{ja}",
            f"This is done; do not run it again.\n{told_en}\n{en}",
        )


class OutputLost(InvalidInput):
    """The answer of a command could not be written. If something was done before, `done_not_shown` says so instead."""

    code = "output_lost"

    def __init__(self, error: Exception) -> None:
        ja, en = reason_of(error)
        super().__init__(
            f"結果を表示できません（{ja}）。", f"The result cannot be shown ({en}).", field="output"
        )
        self.is_pipe = isinstance(error, OSError) and error.errno == errno.EPIPE


_unshown: list[Deed] = []


def done(ja: str, en: str) -> None:
    """Remember a deed that has just become final; both sentences name it by its number or id."""
    _unshown.append(Deed(ja, en))


def shown() -> None:
    """Forget the deeds: their answer was written."""
    _unshown.clear()


def not_shown(cause: BaseException) -> DoneNotShown | None:
    """Return what was done before a command ended by `cause`; None, if nothing was, or its answer was shown."""
    if not _unshown:
        return None
    return DoneNotShown(tuple(_unshown), *_why(cause))


def _both(deeds: tuple[Deed, ...]) -> tuple[list[str], list[str]]:
    return [deed.ja for deed in deeds], [deed.en for deed in deeds]


def _why(cause: BaseException) -> tuple[str, str]:
    if isinstance(cause, CoinError):
        return cause.ja, cause.en
    if isinstance(cause, OSError):
        ja, en = reason_of(cause)
        return f"そのあとで書き込めませんでした（{ja}）。", f"Writing failed after it ({en})."
    return "結果を表示する前に止まりました。", "It stopped before the result was shown."
