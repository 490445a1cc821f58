"""What a text claims: findings with presence, side, size, and where it says so."""

import dictation

text = "No pneumothorax. 8 mm nodule in the right upper lobe, unchanged."
for claim in dictation.extract(text):
    sizes = [size.values_mm for size in claim.measurements]
    print(claim.finding, claim.status, claim.laterality, sizes, claim.change, repr(text[slice(*claim.span)]))
