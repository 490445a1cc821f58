"""A report of a recording, its order and its image; each statement names the dictated sentences that it rests on."""

import dictation

folder = "audio_samples/02_clean_pneumonia"
case = dictation.write_report(
    f"{folder}/02_clean_pneumonia.flac", order=f"{folder}/order.json", images=[f"{folder}/image.png"]
)
for statement in case.report.statements:
    print(f"{statement.section:<12}{statement.text}  {statement.evidence}")
