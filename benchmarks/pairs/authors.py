"""Which authors are for what (README.md): p wrote sentence pairs, r report pairs, m report pairs with labels."""

DEVELOPMENT = ("p8", "p12", "p21")
TEST = ("p10", "p14", "p22", "r21", "r22")  # each read once; r11 to r20, m27 and m28 were, before

# What the sentence judge learns from, and what it is looked at with while it learns:
JUDGE_TRAINING = (
    *(f"p{n}" for n in range(1, 28) if f"p{n}" not in (*DEVELOPMENT, *TEST)),
    *(f"r{n}" for n in range(1, 9)),
    *(f"m{n}" for n in (1, 2, 3, 4, 6, 7, *range(9, 16))),
)
# What it learned from then, in two halves: the trees of suspicion learn from the numbers of the judge of the other
# half, for its own would be too good.
REPORTS = (
    *(f"e{n}" for n in range(1, 22)),
    *(f"r{n}" for n in range(9, 23)),
    "m5",
    "m8",
    *(f"m{n}" for n in range(16, 29)),
)
HALVES = REPORTS[0::2], REPORTS[1::2]
JUDGE_DEVELOPMENT = {"sentence pairs": DEVELOPMENT, "report pairs": ("r9", "r10"), "labelled pairs": ("m5", "m8")}
CLASSES_DEVELOPMENT = ("c13",)
