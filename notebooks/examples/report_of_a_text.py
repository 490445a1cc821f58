"""A report of a typed dictation, with the normal sentences of a template that you chose."""

import dictation

said = dictation.typed("Findings: Small left pleural effusion. Impression: Small left pleural effusion.")
case = dictation.write_report(said, template="chest_xray_normal")
print(case.report.text)
