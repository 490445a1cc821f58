"""A word that became its opposite is one card, however the sentence was rephrased; two that were both said are none."""

import pytest

from dictation.discrepancy import compare
from dictation.report import parse_report
from dictation.wording import typed

EXCHANGED = [
    ("laterality", "The right testis shows no arterial flow, the left is normal.",
     "The left testis shows no detectable arterial flow. The right is normal."),
    ("laterality", "Left lobe nodule of 16 mm. There is also an abnormal lymph node on the same side.",
     "Left lobe nodule, 16 mm. Abnormal contralateral lymph node."),
    ("laterality", "Technically a right common femoral approach, 6 French.", "ACCESS: Left common femoral, 6 Fr."),
    ("laterality", "I'd look for a lesion along the left recurrent nerve.",
     "IMPRESSION: Right recurrent laryngeal nerve palsy pattern."),
    ("site", "The infrarenal aneurysm is 5.6 cm across.", "Suprarenal aortic aneurysm, 5.6 cm."),
    ("site", "The infrarenal aneurysm is now 5.6 cm across. The infrarenal filter is in place.",
     "Suprarenal aneurysm, 5.6 cm. A filter lies in infrarenal position."),
    ("site", "Two vessel runoff, through the anterior tibial artery and the peroneal.",
     "Two-vessel runoff via posterior tibial and peroneal arteries."),
    ("site", "At L4-5 there is an extrusion migrating downwards.", "L4-L5: disc extrusion with upward migration."),
    ("site", "Hyperintense on T2 and hypointense on the hepatobiliary phase.",
     "T2 hyperintense and hyperintense on the hepatobiliary phase."),
    ("site", "In the terminal ileum there is mural thickening.", "Mural thickening at the terminal ilium."),
    ("site", "There is a fracture through the waist of the right scaphoid.", "Right scaphoid fracture, proximal pole."),
    ("site", "Pseudoaneurysm of the gastroduodenal artery next to the pancreatic head.",
     "Pseudoaneurysm of the splenic artery adjacent to the pancreatic head."),
    ("negation", "Fluid beneath the fragment, so it is unstable.", "Fluid signal deep to the fragment, stable."),
    ("negation", "5000 units of heparin were not given because of bleeding.", "Heparin 5000 units given."),
    ("negation", "Right ovary is enlarged and no colour flow can be demonstrated. The left ovary has normal flow.",
     "Right ovary: enlarged. Colour flow demonstrated. Left ovary: normal flow."),
    ("negation", "Thrombus extends into the right renal vein but not into the IVC.",
     "Thrombus extends into the right renal vein and the IVC."),
    ("negation", "Left axillary vein is thrombosed, the internal jugular is free of clot.",
     "Thrombosis of the left axillary vein, extending into the internal jugular vein."),
    ("change", "Infrarenal aneurysm measures 5.6 cm, previously 5.1 cm.",
     "Infrarenal AAA, 5.6 cm, decreased from 5.1 cm."),
    ("site", "Occlusion of the proximal M1 segment of the left middle cerebral artery.",
     "Proximal left MCA M2 occlusion."),
    ("site", "The left renal artery arises from the false lumen.", "Left renal artery arises from the true lumen."),
    ("site", "The profunda reconstitutes the popliteal artery above the knee.", "Reconstitution below the knee."),
    ("negation", "Allergy to iodinated contrast, so the study was done without intravenous contrast.",
     "Iodinated contrast allergy. Examination performed with intravenous contrast."),
    ("negation", "mri cervical cord long segment t two hyperintense lesion no enhancement after gadolinium",
     "Longitudinally extensive T2 hyperintense cord lesion, enhancing after gadolinium."),
    ("negation", "The balloon was not inflated because of pain.", "Balloon inflated; pain."),
    ("negation", "Contrast passed to the splenic flexure but not beyond.", "Contrast passed beyond the flexure."),
    ("negation", "The drain has not yet been exchanged.", "Drain exchanged."),
    ("level", "Protrusion at L5-S1 contacts the traversing left S1 nerve root.",
     "L5-S1 protrusion that contacts the traversing left L5 nerve root."),
    ("site", "the smaller lesion in segment six has washed out", "The smaller lesion in segment V shows washout."),
    ("site", "The anterior placenta covers the internal os.", "Anterior placenta, clear of the internal os."),
    ("measurement", "The node is 14 mm, previously 9 mm.", "Node of 9 mm, previously 14 mm."),
    ("measurement", "thyroid nodule measures two point four centimeters in length previously one point eight no nodes",
     "Thyroid nodule measures 1.8 cm, previously 2.4 cm. No nodes."),
    ("negation", "Non-loculated left effusion.", "Loculated left effusion."),
    ("negation", "Non-small cell lung cancer.", "Small cell lung cancer."),
    ("negation", "The catheter could not be advanced.", "The catheter was advanced."),
    ("negation", "Lesion that fails to suppress on fat saturation.", "Lesion which suppresses on fat saturation."),
    ("negation", "Dr. Example was called, no answer.", "Discussed with Dr. Example."),
    ("change", "A focus of restricted diffusion, new since May.", "Unchanged focus of restricted diffusion."),
    ("site", "Stenosis of the left subclavian artery.", "Left common carotid artery stenosis."),
    ("level", "Avulsion of the C8 nerve root.", "C7 nerve root avulsion."),
    ("site", "lesion in segment four b", "Lesion in segment IVa."),
    ("addition", "The PICC was advanced from the right basilic vein and its tip lies at the cavoatrial junction.",
     "PROCEDURE:\nRight basilic vein PICC placed. Tip in the right ventricle. Line may be used."),
]  # fmt: skip
THE_SAME = [
    ("VCUG. Grade 3 reflux on the right into a mildly dilated collecting system. No left reflux.",
     "Grade III right vesicoureteral reflux with mild dilatation of the collecting system. No reflux on the left."),
    ("Acute left mca infarct. Old right cerebellar lacune.",
     "Acute left middle cerebral artery infarct. Chronic right cerebellar lacunar infarct."),
    ("Intracapsular rupture on the right, no extracapsular silicone.",
     "Intracapsular rupture of the right implant. No silicone beyond the capsule. IMPRESSION: Intracapsular rupture."),
    ("Disc space widened anteriorly, epidural hematoma posterior 3 mm.",
     "Anterior widening of the disc space. A 3 mm dorsal epidural hematoma."),
    ("The appendix was not seen. A fecalith is seen.", "No appendix is seen. Fecalith seen."),
    ("The lesion does not enhance.", "Non-enhancing lesion."),
    ("Two new lesions in the left frontal lobe without enhancement.", "Two new non-enhancing left frontal lesions."),
    ("The nodule was 6 mm and is now 8 mm.", "The nodule measures 8 mm, previously 6 mm."),
    ("3.2 liters of clear fluid were drained.", "3.2 L of clear fluid drained."),
    ("The gallbladder does not contain stones.", "The gallbladder contains no stones."),
    ("The lesion does not exert mass effect.", "The lesion exerts no mass effect."),
    ("Follow up is not required.", "No follow-up is required."),
    ("Hernia does not contain bowel.", "Hernia contains fat only."),
    ("The smaller nodules were not measured. Dominant nodule 2 cm.", "Dominant nodule measures 2 cm."),
    ("Pathology was not sent. Fluid to microbiology.", "Fluid sent to microbiology."),
    ("lesion in segment four a measures 2 cm", "Lesion in segment IVa measures 2 cm."),
    ("level two b node", "Level IIB node."),
    ("at the l four five level one small protrusion", "Level L4-L5: one small protrusion."),
    ("The placenta does not cover the internal os.", "Anterior placenta away from the internal os."),
    ("Old lesions, nothing new.", "The old lesions are unchanged."),
    ("RUL nodule 8 mm, previously 6 mm. LLL nodule 6 mm, previously 8 mm.",
     "LLL nodule 6 mm, previously 8 mm. RUL nodule 8 mm, previously 6 mm."),
    ("no aneurysm non occlusive thrombus in the portal vein",
     "No aneurysm. Non-occlusive thrombus in the portal vein."),
    ("No immediate complication.", "COMPLICATIONS: None immediate."),
    ("AAA now 5.6 cm, previously 5.1 cm in 2022. Iliac arteries not aneurysmal.",
     "AAA, grown from 51 mm in November 2022 to 56 mm now. The iliac arteries are without aneurysm."),
    ("Contrast was not given.", "Non-contrast CT."),
    ("Limited due to lack of contrast.", "Limited non-contrast study."),
    ("Right chest tube removed, left in place.", "Right chest tube has been removed. Left chest tube in place."),
    ("Newly placed ET tube. Lungs are the same.", "ET tube placed in the interval. Lungs are unchanged."),
    ("The contrast has not reached the cecum.", "Contrast did not get to the cecum; discussed with Dr. Example."),
    ("Nodule 8 mm previously 6 mm now.", "Nodule 6 mm now, 8 mm previously."),
    ("Stone in the left kidney and cyst in the right.", "Cyst in the right kidney, stone in the left."),
    ("Aorta tapers, 42 mm root and 28 mm arch.", "Aortic arch 28 mm and aortic root 42 mm."),
    ("Absent end diastolic flow.", "End-diastolic flow is absent in the umbilical artery."),
    ("Tear of the anterior cruciate ligament. PCL is intact.", "ACL tear. Intact posterior cruciate ligament."),
    ("The fracture of the radius is not displaced.", "Nondisplaced radius fracture."),
    ("No obstructing stone.", "No stone that obstructs. Nonobstructing calculi are not seen."),
    ("Renal veins patent.", "No thrombus in the renal veins."),
    ("balloon inflated no extraluminal contrast", "Balloon inflated with no contrast leak."),
    ("Leptomeningeal enhancement over the vermis. Supratentorial none.",
     "Leptomeningeal enhancement over the vermis but not supratentorially."),
    ("thin wall enhancement behind it no solid component", "Thin wall, enhancement behind it and no solid element."),
    ("Nodule 12 mm, increased from 9 mm.", "The nodule has grown from 9 to 12 mm."),
    ("Stable compared with June.", "Unchanged since June."),
]  # fmt: skip


def weighty(heard: str, written: str) -> list[str]:
    return [card.kind for card in compare(heard, written) if card.severity in ("critical", "major")]


@pytest.mark.parametrize(("kind", "heard", "written"), EXCHANGED)
def test_an_exchanged_word_is_shown(kind: str, heard: str, written: str) -> None:
    assert kind in weighty(heard, written)


@pytest.mark.parametrize(("_", "heard", "written"), EXCHANGED)
def test_the_same_words_are_none(_: str, heard: str, written: str) -> None:
    assert weighty(heard, heard) == weighty(written, written) == []


@pytest.mark.parametrize(("heard", "written"), THE_SAME)
def test_what_was_said_in_other_words_is_none(heard: str, written: str) -> None:
    assert weighty(heard, written) == []


def test_what_stands_under_procedure_is_compared_in_a_report_of_somebody_else() -> None:
    said = "Under fluoroscopy 80 mg of steroid was injected into the right L4-5 facet joint. No complication."
    wrote = "PROCEDURE:\nFluoroscopically guided right L4-L5 facet joint injection with 8 mg steroid. No complication."
    cards = compare(typed(said), parse_report(wrote))
    assert [card.kind for card in cards if card.severity == "critical"] == ["measurement"]


def test_a_procedure_in_one_sentence_is_a_title() -> None:
    report = parse_report("PROCEDURE: CT of the chest.\nFINDINGS: Clear lungs.")
    assert [statement.section for statement in report.statements] == ["exam", "findings"]


def test_the_words_that_differ_are_marked_in_both_quotations() -> None:
    heard = "Two vessel runoff, through the anterior tibial artery and the peroneal."
    written = "Two-vessel runoff via posterior tibial and peroneal arteries."
    (card,) = (card for card in compare(heard, written) if card.kind == "site")
    assert card.heard and card.written and card.heard.differing and card.written.differing
    assert heard[slice(*card.heard.differing)] == "anterior tibial"
    assert written[slice(*card.written.differing)] == "posterior tibial"


def test_the_words_that_differ_are_marked_in_a_copied_sentence() -> None:
    heard, written = "Runoff through the anterior tibial artery.", "Runoff via the posterior tibial artery."
    (card,) = (card for card in compare(heard, written) if card.kind == "site")
    assert card.heard and card.written and card.heard.differing and card.written.differing
    assert "anterior" in heard[slice(*card.heard.differing)] and "posterior" in written[slice(*card.written.differing)]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("non acute intracranial hemorrhage", "No acute intracranial hemorrhage."),
        ("The drain has not yet been exchanged. Collection 4 cm.", "Drain exchanged, collection 4 cm with gas."),
    ],
)
def test_no_correction_is_offered_that_takes_more_along_or_drops_a_no(heard: str, written: str) -> None:
    (card,) = (card for card in compare(heard, written) if card.kind == "negation")
    assert card.severity == "critical" and card.suggestion is None and card.edits == ()


def test_a_word_is_put_in_place_of_the_other_and_the_rest_stays() -> None:
    heard = "Compression of the left S1 root. Facet cyst of 6 mm. Severe canal stenosis."
    written = "Severe canal stenosis and 6 mm facet cyst with compression of the left L5 root."
    (card,) = (card for card in compare(heard, written) if card.kind == "level")
    assert card.suggestion == "Severe canal stenosis and 6 mm facet cyst with compression of the left S1 root"


@pytest.mark.parametrize("word", ["while", "whereas", "versus", "compared", "but", "while, not versus"])
def test_a_denied_word_that_parts_clauses_is_no_trouble(word: str) -> None:
    compare(f"The lesion is not {word} the other.", f"The lesion is {word} the other, non{word} and not.")


def test_what_was_denied_is_quoted_with_its_denial() -> None:
    heard, written = "A marker clip was not deployed.", "A marker clip was deployed."
    (card,) = compare(heard, written)
    assert card.explanation == "You said \u201cnot deployed\u201d; the report says \u201cdeployed\u201d."
    assert card.heard and card.heard.differing and heard[slice(*card.heard.differing)] == "not deployed"


def test_a_lost_non_is_put_back_and_the_rest_stays() -> None:
    (card,) = compare("Non-loculated left effusion.", "Right lung clear. Loculated left effusion of 3 cm.")[:1]
    assert card.suggestion == "Non-loculated left effusion of 3 cm"


def test_a_denied_organ_is_held_against_its_own_side_and_no_size_is_taken_away() -> None:
    heard = "The right ovary was not visualised. Left ovary 34 x 21 mm."
    (card,) = compare(heard, "Left ovary 3.4 x 2.1 cm. Right ovary visualised.")
    assert card.kind == "negation" and card.written and card.written.text == "Right ovary visualised"
    assert all(not one.edits for one in compare(heard, "Left ovary 3.4 x 2.1 cm."))


@pytest.mark.parametrize("denial", ["is not", "isn't", "could not be", "was never", "is not well"])
@pytest.mark.parametrize("word", ["visualised", "visualized", "seen", "recognised", "detected", "assessed", "included"])
@pytest.mark.parametrize("anatomy", ["Appendix", "The right ovary", "The distal left ureter"])
def test_anatomy_that_is_not_seen_is_not_told_to_be_seen(anatomy, word, denial):
    told = f"{anatomy} {'is well' if 'well' in denial else 'is'} {word}, no inflammation."
    denied = f"{anatomy} {denial} {word}, no inflammation."
    for heard, written in ((told, denied), (denied, told)):
        assert ("negation", "critical") in [(one.kind, one.severity) for one in compare(heard, f"FINDINGS:\n{written}")]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Appendix is not visualised, no inflammation.", "The appendix could not be visualized. No inflammation."),
        ("No appendix is seen. No free fluid.", "The appendix is not identified. No free fluid."),
        ("The right ovary is seen. The left ovary is not seen.", "Right ovary seen. Left ovary not seen."),
        ("The pancreatic tail is partially seen.", "The pancreatic tail is not fully visualised."),
        ("The ACL is not recognised.", "The ACL is not recognized."),
    ],
)
def test_anatomy_that_is_not_seen_in_either_is_no_difference(heard, written):
    assert "negation" not in [one.kind for one in compare(heard, f"FINDINGS:\n{written}")]
