"""What a radiologist says of a patient is never taken for a command, at once or after a pause in the sentence."""

import pytest

from tests.wording.pads import empty, obey, say

BEFORE = "the line ends in the right atrium period"
WHOLE = """replace the nasogastric tube with a new one|replace the line with a new one|replace tube with a larger one
insert a drain into the left pleural space|insert a chest drain|insert chest tube on the right
insert pigtail catheter for the pneumothorax|go to the emergency department|go to the operating room|go to surgery now
go to icu for monitoring|patient to go to ct|sign of infection|sign of active bleeding|signs of heart failure
sign out to the night team|stop anticoagulation|stop the infusion|stop heparin before biopsy|next step is ct
next follow up in six months|next available mri|undo the ligature|undo the band in the operating room|redo sternotomy
redo ct in three months|new line in the right subclavian vein|new line placement since prior|new lines and tubes
new history is not available|spell of syncope|spelling of the name is unclear|literal meniscus tear
literal view shows no effusion|literal recess stenosis at l four five|literal film|scratch that was seen on the cornea
scratch on the skin|delete that series from the study|strike that area with contrast|erase that image was repeated
play that role in the differential|play this in the clinic|last field of radiation covers the spine
previous field of radiation|next fields were irradiated|next card is for the patient|previous cardiac surgery
next paragraph of the protocol|next lines of therapy|insert normal saline drip|replace fluids
report to the emergency department|start to end|end of report to follow|top of the lung is clear"""
PAUSED = """there is a|new line|in the right subclavian vein period
tip of the|next line|is in the atrium period
there is a silhouette|sign|at the right heart border period
there is a silhouette.|sign|at the right heart border period
status post|redo|cabg period
status post|redo.|cabg period
this is the|last field|of radiation period
covered by the|next field|of radiation period
the catheter does not|go to the end|of the vein period
tip does not|go to the top|of the atrium period
this is a|new paragraph|of the history period"""


def numbers(text):
    return [utterance for line in text.splitlines() for utterance in line.split("|")]


def test_there_are_many():
    assert len(numbers(WHOLE)) + len(PAUSED.splitlines()) >= 60


@pytest.mark.parametrize("utterance", numbers(WHOLE))
@pytest.mark.parametrize("before", [(BEFORE,), (), (BEFORE, "there is"), ("Tube and line.",)], ids=str)
def test_a_clinical_utterance_is_text(utterance, before):
    pad = say(empty(), *before)
    after, _, said = obey(pad, utterance, macros=("Normal chest", "Normal"))
    assert said is None or said.is_text
    assert len(after.dictation.text) > len(pad.dictation.text)
    assert after.text.startswith(pad.text.rstrip("."))  # nothing that stood there is another now
    tied = {word for sentence in after.dictation.sentences for link in sentence.alignment for word in link.words}
    assert set(range(pad.count, after.count)) <= tied


@pytest.mark.parametrize("utterances", PAUSED.splitlines())
def test_a_pause_in_a_sentence_makes_no_command_of_its_words(utterances):
    pad = empty()
    for utterance in utterances.split("|"):
        pad, _, said = obey(pad, utterance)
        assert said is None
    assert [command.name for command in pad.commands if command.name not in ("punctuation",)] == []


@pytest.mark.parametrize("command", ["new line", "go to impression", "next field", "sign report"])
def test_after_a_whole_sentence_or_phrase_they_are_commands(command):
    for said in ("the tube is in period", "small effusion", "Small effusion."):
        assert obey(say(empty(), said), command)[2] is not None


def test_redo_is_one_after_an_undo_though_a_sentence_is_open():
    pad = say(empty(), "small effusion")
    pad, place, _ = obey(pad, "undo")
    assert obey(pad, "redo", at=place)[2].name == "redo"
