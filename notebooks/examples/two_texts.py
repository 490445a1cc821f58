"""What differs between what was said and what was written, the gravest first."""

import dictation

heard = "Small left pleural effusion. No pneumothorax. 8 mm nodule in the right upper lobe."
written = "Small right pleural effusion. No pneumothorax. 18 mm nodule in the right upper lobe."
for one in dictation.compare(heard, written):
    print(one.severity, one.kind, one.explanation)
