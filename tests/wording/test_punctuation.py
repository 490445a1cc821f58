import pytest

from tests.wording.dictating import dictated, places, written


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("no effusion period", "No effusion."),
        ("no effusion full stop the heart is normal full stop", "No effusion. The heart is normal."),
        ("heart comma lungs semicolon bones", "Heart, lungs; bones"),
        ("is this new question mark", "Is this new?"),
        ("indication colon question mark pneumonia period", "Indication: ?Pneumonia."),
        ("stable at this time period no effusion period", "Stable at this time. No effusion."),
        ("compared to prior study period prior granuloma period", "Compared to prior study. Prior granuloma."),
        ("stable in the interval period", "Stable in the interval."),
        ("no effusion period of note the heart is large period", "No effusion. Of note the heart is large."),
        ("follow up in one year period", "Follow up in 1 year."),
        ("heart open parenthesis enlarged close parenthesis period", "Heart (enlarged)."),
        ("heart open paren enlarged close paren period", "Heart (enlarged)."),
        ("well hyphen defined", "Well-defined"),
        ("and slash or", "And/or"),
        ("liver colon normal period colon colon normal period", "Liver: normal. Colon: normal."),
        ("lungs clear period new line heart normal period", "Lungs clear.\nHeart normal."),
        ("lungs clear period next line heart normal period", "Lungs clear.\nHeart normal."),
        ("lungs clear period new paragraph heart normal period", "Lungs clear.\n\nHeart normal."),
        ("lungs clear period next paragraph heart normal period", "Lungs clear.\n\nHeart normal."),
        ("lungs clear period new line impression no effusion period", "Lungs clear.\n\nImpression: No effusion."),
        ("unchanged in the interval new line heart normal period", "Unchanged in the interval\nHeart normal."),
        ("lungs clear new line visualized bones are normal period", "Lungs clear\nVisualized bones are normal."),
        ("lungs clear new line at L4 no stenosis period", "Lungs clear\nAt L4 no stenosis."),
        ("lungs clear new line right pleural effusion period", "Lungs clear\nRight pleural effusion."),
        ("well dash defined", "Well-defined"),
    ],
)
def test_spoken_marks_are_written(said, text):
    assert written(said) == text


@pytest.mark.parametrize(
    "said",
    [
        "stable over a period of time",
        "the menstrual period is regular",
        "during the same period",
        "a follow-up period of years",
        "over a long period",
        "over a 12 month period",
        "for a period of 6 weeks",
        "in the postoperative period",
        "the sigmoid colon is normal",
        "the transverse colon and the liver",
        "the colon is collapsed",
        "carcinoma of the colon",
        "a history of colon cancer",
        "colon cancer",
        "a comma shaped opacity",
        "there is a new line in the right atrium",
        "placement of new line",
        "interval placement of a new line",
        "interval placement of new line",
        "interval new line",
        "no new line",
        "there is new line",
        "new line placement",
        "new line seen in the right atrium",
        "new line noted",
        "new line with tip in the SVC",
        "new line with its tip in the SVC",
        "right approach new line with tip in the SVC",
        "interval new line overlies the SVC",
        "new line terminates in the SVC",
        "new line projects over the heart",
        "new line in place",
        "new line tip is in the SVC",
        "new line coiled in the vein",
        "new line visualized in the SVC",
        "new line at the cavoatrial junction",
        "newline seen in the SVC",
        "next line terminates in the SVC",
        "dash of fluid",
        "the slash is deep",
    ],
)
def test_ordinary_words_are_no_marks(said):
    text = written(said)
    assert text.lower() == said.lower()


@pytest.mark.parametrize(
    "said", ["no effusion. period", "no effusion period.", "no effusion, period.", "no effusion. Period."]
)
def test_a_spoken_mark_replaces_the_guessed_ones_beside_it(said):
    assert written(said) == "No effusion."


def test_a_mark_said_twice_is_written_once_and_kept_as_a_command():
    dictation = dictated("no effusion period period")
    assert dictation.text == "No effusion."
    assert [(command.name, command.words) for command in dictation.commands] == [("punctuation", (3,))]


def test_a_lone_mark_is_kept_as_a_command():
    dictation = dictated("period")
    assert dictation.sentences == ()
    assert places(dictation) == [0]


def test_commands_of_medasr_are_read():
    assert written("[FINDINGS] lungs clear {period} {next line} heart normal {period}") == (
        "Findings: Lungs clear.\nHeart normal."
    )


def test_the_period_is_tied_to_the_word_that_spoke_it():
    dictation = dictated("no effusion period")
    (sentence,) = dictation.sentences
    stop = sentence.alignment[-1]
    assert sentence.text[slice(*stop.span)] == "."
    assert stop.words == (2,)


def test_the_capital_of_a_guessed_full_stop_goes_with_it():
    assert written("no effusion. comma Small nodule period") == "No effusion, small nodule."
