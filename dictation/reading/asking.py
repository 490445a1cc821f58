"""One study in front of a model, and its controls: the questions of a blind read in the order of their cost.

Whatever a finding's answer does not need is not asked: no blank picture where the wording decides, no mirror image
where nothing is seen.
"""

from collections.abc import Sequence
from functools import cached_property
from threading import Event

from dictation.models.protocol import Content, NotAssessed, Prefix, VisionLanguageModel
from dictation.reading import controls
from dictation.reading.probes import SIDES, YES_NO, Probe, presence_prompts, side_prompts
from dictation.reading.probing import Answer, ask
from dictation.reading.showing import blank, doubled, mirrored


class Asked:
    """One study in front of the model, with its controls. Each is prepared when it is first needed.

    `of_blank` keeps the answers to a blank picture from one study to the next.
    """

    def __init__(
        self,
        model: VisionLanguageModel,
        contents: Sequence[Content],
        context: str,
        no_side: str,
        of_blank: dict[tuple[object, ...], Answer | NotAssessed],
        cancel: Event | None,
    ) -> None:
        self.model, self.contents, self.context, self._no_side = model, contents, context, no_side
        self._of_blank, self.cancel = of_blank, cancel
        self._answers: dict[str, Answer] = {}

    @cached_property
    def prefix(self) -> Prefix:
        """The study itself."""
        return self.model.prepare(self.contents, self.cancel)

    @cached_property
    def _mirror(self) -> Prefix:
        return self.model.prepare(mirrored(self.contents), self.cancel)

    @cached_property
    def _left(self) -> Prefix:
        return self.model.prepare(doubled(self.contents, "left"), self.cancel)

    @cached_property
    def _right(self) -> Prefix:
        return self.model.prepare(doubled(self.contents, "right"), self.cancel)

    @cached_property
    def _blank(self) -> Prefix:
        return self.model.prepare(blank(self.contents), self.cancel)

    def presence(self, probe: Probe) -> float | NotAssessed:
        """Return the probability of a finding where it depends on the image and not on the wording."""
        prompts = presence_prompts(probe, self.context)
        seen = self._ask(self.prefix, prompts, YES_NO)
        if isinstance(seen, NotAssessed):
            return seen
        self._answers[probe.finding] = seen
        return controls.presence(seen, lambda: self._without_image(prompts, YES_NO))

    def moved(self, probe: Probe) -> NotAssessed | None:
        """Say why a presence does not count after the mirror image was asked about."""
        mirror = self._ask(self._mirror, presence_prompts(probe, self.context), YES_NO)
        return controls.stays(self._answers[probe.finding], mirror)

    def side(self, probe: Probe) -> controls.Side | NotAssessed:
        """Return the side of a finding where it follows the mirror image and the finding is there on that side only."""
        if self._no_side:
            return NotAssessed(self._no_side)
        prompts = side_prompts(probe, self.context)
        found = controls.side(
            self._ask(self.prefix, prompts, SIDES),
            lambda: self._ask(self._mirror, prompts, SIDES),
            lambda: self._without_image(prompts, SIDES),
        )
        if found not in ("left", "right"):
            return found
        own, other = (self._left, self._right) if found == "left" else (self._right, self._left)
        present = presence_prompts(probe, self.context)
        elsewhere = controls.half(self._ask(own, present, YES_NO), self._ask(other, present, YES_NO))
        return found if elsewhere is None else elsewhere

    def _ask(self, prefix: Prefix, prompts: Sequence[str], options: Sequence[str]) -> Answer | NotAssessed:
        return ask(self.model, prefix, prompts, options, self.cancel)

    def _without_image(self, prompts: Sequence[str], options: Sequence[str]) -> Answer | NotAssessed:
        """Ask the same of a blank picture: once for all studies of as many images, patients of one sex and decade."""
        seen = tuple(part if isinstance(part, str) else "" for part in self.contents)
        key = (seen, tuple(prompts))
        if key not in self._of_blank:
            self._of_blank[key] = self._ask(self._blank, prompts, options)
        return self._of_blank[key]
