"""How a finding changed between an earlier image and the current one, asked with both in view.

The control exchanges the two images and asks again: "increased" must become "decreased". "Stable" does not turn round,
so it is asked once more with a blank picture in place of the earlier image.
"""

from collections.abc import Sequence
from functools import cache, partial
from threading import Event

from dictation.models.protocol import Content, NotAssessed, Prefix, VisionLanguageModel
from dictation.reading import controls
from dictation.reading.probes import CHANGES, Probe, change_prompts
from dictation.reading.probing import Answer, ask
from dictation.reading.showing import blank, pair


def changes(
    model: VisionLanguageModel,
    earlier: Sequence[Content],
    current: Sequence[Content],
    probes: Sequence[Probe],
    context: str,
    cancel: Event | None = None,
) -> dict[str, controls.Change | NotAssessed]:
    """Return the change of each finding, by its id. `probes` are those that the current image shows.

    `context` says what the two images are. Raises what the model raises.
    """
    contents = {
        "seen": pair(earlier, current),
        "swapped": pair(current, earlier),
        "alone": pair(blank(earlier), current),
    }

    @cache
    def prefix(which: str) -> Prefix:
        return model.prepare(contents[which], cancel)

    def answer(which: str, probe: Probe) -> Answer | NotAssessed:
        return ask(model, prefix(which), change_prompts(probe, context), CHANGES, cancel)

    return {
        probe.finding: controls.change(
            answer("seen", probe), partial(answer, "swapped", probe), partial(answer, "alone", probe)
        )
        for probe in probes
    }
