"""heard × written × seen → ranked Discrepancies."""

from dictation.discrepancy.discrepancy import KINDS, SEVERITIES, Discrepancy, Side, discrepancy_id

__all__ = ["KINDS", "SEVERITIES", "Discrepancy", "Side", "discrepancy_id"]
