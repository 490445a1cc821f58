"""Characters that nobody sees, or that turn the text beside them round: here alone is said what becomes of them.

"5 \\u202emm 12\\u202c" is read as "5 21 mm" and kept as "5 mm 12"; "n\\u200bo effusion" is read as "no effusion" and
has no "no". So they never come in: of what is typed, pasted, ordered, or read from a file or an image's header, what
is kept, compared, signed and exported is what is left. A name or a reason of one line is refused instead.
"""

import re
from typing import Any

LEFT_OUT = "Characters that cannot be seen, or that turn text round, were left out; read what is there now."
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # what Python takes for the end of a line
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x9f"
_FORMAT = (  # Unicode 16: category Cf but for Arabic signs that are drawn, and what is drawn as nothing
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_AS_BLANK, _AS_NOTHING = re.compile(f"[{_CONTROLS}]"), re.compile(f"[{_FORMAT}]")
UNSEEN = re.compile(f"[{_CONTROLS}\u2028\u2029{_FORMAT}]")  # tabs and line ends are seen


def seen(text: str) -> str:
    """The text as it is read: each line end as "\\n", a control as a blank, and no character of no width."""
    if not UNSEEN.search(text) and not _BREAKS.search(text):
        return text
    return _AS_NOTHING.sub("", _AS_BLANK.sub(" ", _BREAKS.sub("\n", text)))


def seen_in(value: Any) -> Any:
    """A loaded JSON or TOML value with each text in it as it is read; keys stay."""
    if isinstance(value, str):
        return seen(value)
    if isinstance(value, dict):
        return {key: seen_in(item) for key, item in value.items()}
    return [seen_in(item) for item in value] if isinstance(value, list) else value


def printable(text: str) -> str:
    """What somebody else wrote, for one line of a terminal or a log: "?" for what would draw on it."""
    return "".join(one if one.isprintable() else "?" for one in text)
