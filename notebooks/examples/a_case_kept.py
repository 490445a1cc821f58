"""A case as JSON, to be opened again, and as a page that needs nothing else."""

import dictation
from dictation.exchange import CaseView, case_from_json, case_to_json, html_page

case = dictation.write_report(
    dictation.typed("No pneumothorax."), written="audio_samples/03_no_pneumothorax/report.txt"
)
again = case_from_json(case_to_json(case))
print(again == case, len(html_page([CaseView("Example", again)], "Example")) > 1000)
