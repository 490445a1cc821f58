"""A report that somebody else typed, checked against its dictation, its order and a reading of the image."""

import dictation

folder = "audio_samples/05_missed_pneumothorax/"
beside = {"order": folder + "order.json", "seen": [folder + "reading.json"], "written": folder + "report.txt"}
case = dictation.write_report(folder + "05_missed_pneumothorax.flac", **beside)
for one in case.discrepancies:
    print(one.severity, one.kind, one.explanation, one.audio_span_s)
