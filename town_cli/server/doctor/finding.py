"""One line of the doctor: the question, the state, and what to do if there is a problem."""

from dataclasses import dataclass
from enum import StrEnum

from coin.console import say

Words = tuple[str, str]  # Japanese, English


class State(StrEnum):
    """The state of a check; `unknown`, if an earlier problem must be fixed first."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """What is checked, by a stable name for programs."""

    name: str
    ja: str
    en: str

    def ok(self, ja: str, en: str) -> "Finding":
        """Return a finding without a problem."""
        return Finding(self, State.OK, ja, en)

    def problem(self, ja: str, en: str, *, cure: Words) -> "Finding":
        """Return a finding with a problem and what to do about it."""
        return Finding(self, State.PROBLEM, ja, en, *cure)

    def judge(self, is_well: bool, *, well: Words, wrong: Words, cure: Words) -> "Finding":
        """Return `ok` or `problem`, by a condition."""
        return self.ok(*well) if is_well else self.problem(*wrong, cure=cure)

    def unknown(self) -> "Finding":
        """Return a finding for a check that was not possible."""
        return Finding(self, State.UNKNOWN, "上の問題を直すと調べられます", "fix the problem above first")


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    question: Question
    state: State
    ja: str
    en: str
    cure_ja: str = ""
    cure_en: str = ""

    def as_text(self) -> str:
        """Return the text for people: one line, and a second one with what to do."""
        mark = {
            State.OK: say("[ 良 ]", "[ ok ]"),
            State.PROBLEM: say("[問題]", "[ !! ]"),
            State.UNKNOWN: say("[不明]", "[ ?? ]"),
        }[self.state]
        line = f"{mark} {say(self.question.ja, self.question.en)}: {say(self.ja, self.en)}"
        return f"{line}\n       → {say(self.cure_ja, self.cure_en)}" if self.cure_ja else line

    def as_json(self) -> dict[str, str]:
        """Return the JSON object for programs."""
        return {
            "check": self.question.name,
            "state": self.state,
            "title": self.ja,
            "detail": self.en,
            "cure": self.cure_en,
        }
