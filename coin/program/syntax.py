"""Says in our words what is wrong with a text that is no TOML; tomllib says it in English, and for programmers.

Decides only the sentence. A message that a later Python words in another way gets the general one.
"""

import re
import tomllib

from coin.errors import FileProblem

_PLACE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)\Z")
_GENERAL = (
    "TOML として読めません。引用符・かっこ・全角の数字や記号を確かめてください。",
    "is not TOML; check quotes, brackets and full-width digits or signs.",
)
_WORDS: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        r"Cannot (?:declare|overwrite|redefine|mutate)|Duplicate",
        ("同じ項目か [表] が2回書かれています。", "this key or [table] stands twice."),
    ),
    (
        r"Unterminated string|Illegal character|Expected ['\"]+\Z",
        (
            '引用符（"）が閉じていないか、文字列の中に改行があります。',
            "a quote is not closed, or a text goes over the line's end.",
        ),
    ),
    (
        r"Unclosed|Expected '\]|Expected \"\]",
        ("かっこ（[ ] か { }）が閉じていません。", "a bracket is not closed."),
    ),
    (
        r"Expected newline",
        (
            "値のあとに余分な文字があります（1行に1項目）。",
            "something stands after the value; one key a line.",
        ),
    ),
    (
        r"Invalid statement|Invalid initial character|Expected '='|Expected \"='",
        (
            "項目は「名前 = 値」の形で書いてください（= は半角）。",
            "a key is written as name = value, with an ASCII =.",
        ),
    ),
    (
        r"Invalid date",
        (
            "日時の形が違います（例 2023-04-01T00:00:00+09:00）。",
            "a moment is written like 2023-04-01T00:00:00+09:00.",
        ),
    ),
    (
        r"Invalid value",
        (
            '値として読めません。言葉は "" で囲み、数字や記号は半角で書いてください。',
            'is no value; put words into "", and write digits and signs in ASCII.',
        ),
    ),
    (
        r"Unescaped|Invalid hex|Escaped",
        ("引用符の中の \\ のあとの文字が違います。", "what follows the \\ in this text is wrong."),
    ),
    (
        r"Found invalid character",
        (
            "目に見えない制御文字があります。消してください。",
            "there is an invisible control character; delete it.",
        ),
    ),
)


def syntax_problem(error: tomllib.TOMLDecodeError, text: str, file_name: str) -> FileProblem:
    """Return the problem of a text that is no TOML, with its line and column."""
    said = str(error)
    place = _PLACE.search(said)
    lines = text.split("\n")
    line, column = (int(place[1]), int(place[2])) if place and place[1] else (len(lines), len(lines[-1]) + 1)
    reason = said[: place.start()] if place else said
    if line == len(lines) and reason == "Invalid value":
        reason = "Unclosed"  # a list that nobody closed goes on to the end of the file
    ja, en = next((words for pattern, words in _WORDS if re.match(pattern, reason)), _GENERAL)
    return FileProblem(
        f"{column}文字目: {ja}",
        f"column {column}: {en}",
        file_name=file_name,
        line=line,
        field="",
        code="toml_syntax",
    )
