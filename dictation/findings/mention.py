"""One thing that a sentence speaks of, by its tokens."""

from dataclasses import dataclass, field

from dictation.findings.lexicon import FindingClass


@dataclass(slots=True)
class Mention:
    """Tokens [start, end) name `finding`. `is_normal`: a structure called normal; `is_state`: told by a state word.

    `leads`: the state word stands before its structure. `names` are the tokens of the name alone. `negated` is set
    where the state itself is denied ("is not enlarged"); `refers`: the word only refers to a finding ("none").
    """

    start: int
    end: int
    finding: str
    finding_class: FindingClass
    is_normal: bool = False
    is_state: bool = False
    negated: bool = False
    refers: bool = False
    change: str | None = None
    leads: bool = False
    names: tuple[int, int] = field(default=(0, 0))
