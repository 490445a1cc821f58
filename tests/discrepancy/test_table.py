"""Claims are looked up by finding: the lookup must lose no pair that could contradict or support."""

from itertools import product

from dictation.discrepancy.conflicts import pair
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.table import Table
from dictation.findings import extract

_HEARD = """Lungs are clear. Small left effusion. No pneumothorax. 8 mm nodule. Heart is enlarged.
Segment measures 3 mm.
Opacity at the base, likely pneumonia. Right PICC tip in the SVC. No acute osseous abnormality. Hyperinflation."""
_WRITTEN = """No consolidation. Right hemothorax. Tension pneumothorax. Granuloma. Heart size normal. It measures 4 mm.
Consolidation. Right central line in the right atrium. Rib fracture. Emphysema. The lungs are not clear."""


def test_all_pairs_of_two_texts_are_found_by_lookup() -> None:
    heard, written = extract(_HEARD, "heard"), extract(_WRITTEN, "written")
    table = Table(heard, written)
    said, wrote = Pool(heard), Pool(written)
    paired = {(one.id, two.id) for one, two in product(heard, written) if pair(one, two, said, wrote)}
    assert paired
    looked_up = {(one.id, two.id) for one in heard for two in table.related(one)}
    assert paired <= looked_up
    assert looked_up < {(one.id, two.id) for one, two in product(heard, written)}
    assert paired <= {(two.id, one.id) for one in written for two in table.related(one)}
