"""The worklist: urgent work first, then what is new; every word of a search counts; pages neither skip nor repeat."""

import pytest

from dictation.case.case import Decision
from dictation.case.draft import Communication
from dictation.discrepancy import Discrepancy
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.records import Records
from tests.records.cases import AT, OTHER_PAGE, PAGE, draft, opened, version


def ordered(accession: str, **fields) -> Order:
    return Order(accession=accession, **{"name": "DOE^Jane", "modality": "CR", **fields})


def shown(records: Records, **asked) -> list[str]:
    return [row.accession for row in records.worklist(**asked).rows]


def test_urgent_work_comes_first_then_the_newest_and_what_is_done_last(records: Records):
    for accession, priority in (("1", "routine"), ("2", "stat"), ("3", "low"), ("4", "high"), ("5", "routine")):
        records.create(draft(orders=(ordered(accession),)), "Dr A", priority)
    done = opened(records, draft(orders=(ordered("6"),)))
    records.sign(done, version(done), PAGE)
    assert shown(records) == ["2", "4", "5", "1", "3", "6"]


def test_of_the_most_urgent_cases_the_one_that_has_waited_longest_is_read_next(records: Records):
    made = {}
    given = (("1", "low"), ("2", "routine"), ("3", "stat"), ("4", "routine"), ("5", "stat"), ("6", "high"))
    for accession, priority in given:
        made[accession] = draft(orders=(ordered(accession),))
        records.create(made[accession], "Dr A", priority)
    read = []
    while case_id := records.waiting():
        read.append(next(accession for accession, one in made.items() if one.id == case_id))
        records.take_over(case_id, PAGE, "Dr A")
    assert read == ["3", "5", "6", "2", "4", "1"]


def test_a_case_that_was_begun_and_left_comes_behind_the_others_of_its_urgency(records: Records):
    made = {}
    for accession, words, priority in (("1", "Left", "routine"), ("2", "", "routine"), ("3", "Left", "stat")):
        made[accession] = draft(words, orders=(ordered(accession),))
        records.create(made[accession], "Dr A", priority)
    read = []
    while case_id := records.waiting():
        read.append(next(accession for accession, one in made.items() if one.id == case_id))
        records.take_over(case_id, PAGE, "Dr A")
    assert read == ["3", "2", "1"]


def test_neither_the_case_just_read_nor_one_that_is_open_or_signed_is_next(records: Records):
    assert records.waiting() is None
    just, done, last = (draft(orders=(ordered(number),)) for number in "123")
    opened(records, done)
    for one in (just, last):
        records.create(one, "Dr A", "routine")
    records.sign(done, version(done), PAGE)
    records.release(done.id, PAGE)
    assert records.waiting(but=just.id) == last.id and records.waiting() == just.id
    records.take_over(last.id, OTHER_PAGE, "Dr B")
    assert records.waiting(but=just.id) is None


def test_pages_neither_skip_nor_repeat_a_case_that_moves_meanwhile(records: Records):
    for number in range(12):
        records.create(draft(orders=(ordered(str(number)),)), "Dr A", ("stat", "routine", "low")[number % 3])
    whole, after, found = shown(records), None, []
    while True:
        page = records.worklist(after=after, limit=5)
        found += [row.accession for row in page.rows]
        records.create(draft(orders=(ordered("new"),), second_meant=("new",)), "Dr A", "stat")
        after = page.next
        if after is None:
            break
    assert found == whole


def test_a_search_finds_cases_with_every_word_of_it(records: Records):
    records.create(draft(orders=(ordered("A-17", body_part="CHEST"),)), "Dr A")
    finds = dict.fromkeys(("doe", "JANE doe", "jané", "a-17", "chest cr", "\x00doe", ""), True)
    finds |= dict.fromkeys(("jo", "doe smith", "%", "_", "' OR 1=1 --", "\\", "müller", "x" * 5000), False)
    assert {search: bool(records.worklist(search).rows) for search in finds} == finds


def test_letters_with_accents_are_found_with_and_without_them(records: Records):
    records.create(draft(orders=(ordered("1", name="MÜLLER^Zoë"),)), "Dr A")
    assert shown(records, search="müller zoe") == shown(records, search="Muller ZOË") == ["1"]


def test_every_state_has_its_list(records: Records):
    for accession, states in {"d": (), "p": ("preliminary",), "f": ("final",), "a": ("final", "addended")}.items():
        case = opened(records, draft("Lungs clear.", orders=(ordered(accession),)))
        for number, state in enumerate(states):
            records.sign(case, version(case, "Lungs clear." + " More." * number, state), PAGE)
        if accession == "f":
            records.mark_sent(case.id, "Dr A")
        records.release(case.id, PAGE)
    assert shown(records, state="draft") == ["d"]
    assert shown(records, state="preliminary") == ["p"]
    assert shown(records, state="final") == shown(records, state="sent") == ["f"]
    assert shown(records, state="addended") == ["a"]
    assert sorted(shown(records)) == ["a", "d", "f", "p"]
    counted = {"": 4, "critical": 0, "draft": 1, "preliminary": 1, "final": 1, "addended": 1, "sent": 1, "cancelled": 0}
    assert records.counts() == counted


def test_what_is_critical_is_listed_until_it_is_communicated(records: Records):
    case = opened(records, draft("Tension pneumothorax."))
    found = Discrepancy(id="d1", kind="critical_result", severity="info", explanation="Critical result.")
    compared = version(case).case.model_copy(update={"discrepancies": (found,)})
    case = case.model_copy(update={"compared": compared})
    records.save(case, PAGE)
    assert [row.is_critical for row in records.worklist(state="critical").rows] == [True]
    dismissed = Decision(discrepancy_id="d1", action="dismiss", by="Dr A", at=AT)
    records.save(case.model_copy(update={"decisions": (dismissed,)}), PAGE)
    assert records.worklist(state="critical").rows == ()
    told = Communication(person="Dr B", at=AT, method="phone", read_back=True)
    records.save(case.model_copy(update={"communications": (told,)}), PAGE)
    assert records.worklist(state="critical").rows, "of another result"
    compared = compared.model_copy(update={"discrepancies": ()})
    records.save(case.model_copy(update={"communications": (told,), "compared": compared}), PAGE)
    assert records.worklist(state="critical").rows == ()
    assert [row.is_communicated for row in records.worklist().rows] == [True]


def test_the_list_says_who_has_a_case_open(records: Records):
    case = opened(records, draft())
    records.take_over(case.id, OTHER_PAGE, "Dr B")
    assert [row.locked_by for row in records.worklist().rows] == ["Dr B"]


def test_a_question_that_makes_no_sense_gets_one_sentence(records: Records):
    for asked in ({"state": "x"}, {"limit": 0}, {"limit": 501}, {"after": "x"}, {"after": "99~a~b"}):
        with pytest.raises(UsageError):
            records.worklist(**asked)


def test_words_of_any_length_and_kind_are_kept_and_listed(records: Records):
    hostile = "<script>" + "\x00" + "Ω" * 20_000
    order = Order(accession=hostile, patient_id=hostile, name=hostile, procedure=hostile, body_part=hostile)
    case = opened(records, draft(hostile, orders=(order,)))
    assert records.load(case.id).draft == case
    (row,) = records.worklist("<script>").rows
    assert len(row.name) == 200 and "\x00" not in row.name
