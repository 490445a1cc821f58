"""heard × written × seen → ranked Discrepancies."""

from dictation.discrepancy.columns import claims_of_report
from dictation.discrepancy.compare import compare
from dictation.discrepancy.discrepancy import KINDS, SEVERITIES, Discrepancy, Side, discrepancy_id
from dictation.discrepancy.identity import identity, other_study

__all__ = [
    "KINDS", "SEVERITIES", "Discrepancy", "Side", "claims_of_report", "compare", "discrepancy_id", "identity",
    "other_study",
]  # fmt: skip
