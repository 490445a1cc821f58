"""The whole job: examples in, a folder out with a model that is better at them and a card that says how much."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from dictation.errors import DictationError, InputError, UsageError
from dictation.hub import CONFIG, quiet_transformers
from dictation.private import private_file, private_folder
from dictation.settings import Settings
from dictation.speech.medasr.finetuning.card import card, data_sha256
from dictation.speech.medasr.finetuning.examples import SPLITS, Example, Problem
from dictation.speech.medasr.finetuning.progress import STATE, Folder, Progress, disk
from dictation.speech.medasr.finetuning.recipe import Recipe
from dictation.speech.medasr.finetuning.scoring import Score
from dictation.speech.medasr.finetuning.splits import check_leaks, made
from dictation.speech.medasr.finetuning.training import Told, Training
from dictation.speech.medasr.finetuning.unknown_tokens import note_unknown_tokens
from dictation.speech.medasr.finetuning.utterances import SoundStore, Utterance, utterances
from dictation.speech.medasr.weights import Loaded, check_packages, find, load
from dictation.weights import free_mb

WORK = ".training"
CARD, SPLIT = "README.md", "split.csv"
_ROOM = 8  # times the size of the weights: best and state, each also while it is written, and the result


@dataclass(frozen=True)
class Finetuned:
    """What came out: scores of the model as it came and as it is now by split, and how far the training went."""

    folder: Path
    before: dict[str, Score]
    after: dict[str, Score]
    progress: Progress


def finetune(
    examples: Sequence[Example],
    model: str | Path | None,
    out: Path,
    recipe: Recipe,
    settings: Settings,
    *,
    shown: str,
    list_sha256: str,
    unread: int = 0,
    resume: bool = False,
    skip_bad: bool = False,
    reported: Callable[[Sequence[Problem]], None] = lambda problems: None,
    note: Callable[[str], None] = lambda text: None,
    told: Callable[[Told], None] = lambda told: None,
    cancel: Event | None = None,
    save_s: float = 300.0,
) -> Finetuned:
    """Fine-tune `model` (a folder, a name on the hub, None for google/medasr) into the new folder `out`.

    `shown` names the list of examples in messages, `list_sha256` is that of its bytes, and `unread` counts its lines
    that gave no example; `reported` hears which lines cannot be used, `note` a sentence for the person, `told` where
    the training stands. A training that was interrupted goes on with `resume`; its state is saved every `save_s`
    seconds and when `cancel` is set.

    A line with a fault (no such file, a bad split, characters that the model cannot write) stops the job before
    anything is trained, unless `skip_bad`; a line that is left out by rule (too short, too long) does not. A job that
    is refused before its training began leaves nothing in `out`. All that it writes is for its owner alone.

    Raises InputError where a line has a fault, there is nothing to train on or the test is in the training, UsageError
    where `out` holds something else or a resumed training would be another one, MissingError for a missing model or
    package, ModelError where the training fails, DictationError where the disk is full, Cancelled when `cancel` was
    set.
    """
    check_packages()
    work = out / WORK
    _check_out(out, resume)
    usable = _with_split(examples, reported)
    faults = unread + len(examples) - len(usable)
    _check_list(usable, faults, shown, skip_bad, note)
    if resume and not (work / STATE).exists():
        note(f"{out}: holds no training that could go on; this one starts afresh.")
    base = _trainable(load(find(model), settings.model_copy(update={"medasr_precision": "float32"})))
    _check_room(base, out)
    made = [folder for folder in (work, out) if not folder.exists()]
    with disk(out):
        private_folder(out)
        private_folder(work)
    with _alone(work):
        _check_out(out, resume)  # another process may have ended while this one loaded the model
        with _undone_if_refused(made, work, note):
            with disk(out):
                sounds = SoundStore(work)
                found, problems = utterances(
                    usable, base, sounds, min_s=recipe.min_s, max_s=settings.medasr_window_s, cancel=cancel
                )
            reported(problems)
            _check_faults(faults + sum(problem.is_fault for problem in problems), shown, skip_bad)
            splits, how = _splits(found, shown, recipe.seed)
        note(f"Split {how}: " + ", ".join(f"{len(splits[name])} {name}" for name in SPLITS) + " utterances.")
        made_of = _made_of(base, splits, recipe)
        folder = Folder(work)
        training = Training(base, splits, sounds, folder, recipe, made_of, save_s=save_s)
        _take_up(training, folder, made_of, out, note)
        training.run(told, cancel)
        after = training.scores()
        text = card(
            base, splits, how, recipe, training.progress, after, list_sha256=list_sha256,
            left_out=unread + len(examples) - len(found), precision=training.precision,
        )  # fmt: skip
        with disk(out):
            _write(base, splits, text, out)
    shutil.rmtree(work, ignore_errors=True)
    return Finetuned(out, training.progress.first, after, training.progress)


def _check_list(
    usable: Sequence[Example], faults: int, shown: str, skip_bad: bool, note: Callable[[str], None]
) -> None:
    """Refuse a list that cannot be trained on, before a model is loaded or anything is written."""
    _check_faults(faults, shown, skip_bad)
    check_leaks(usable, shown)
    if not usable:
        raise InputError(f"{shown}: there is nothing to train on; each line needs a recording and its text.")
    note_unknown_tokens(usable, shown, note)


def _take_up(
    training: Training, folder: Folder, made_of: dict[str, str], out: Path, note: Callable[[str], None]
) -> None:
    """Go on where an interrupted training of the same examples stopped, where the folder holds one."""
    if folder.is_begun:
        kept = folder.load()
        _check_same(kept.made_of, made_of, out)
        training.resume(kept)
        note(f"Going on after step {training.progress.step}.")


def is_finished(out: Path) -> bool:
    """True where the folder holds a model that was fine-tuned to the end."""
    return (out / CARD).is_file() and (out / CONFIG).is_file() and not (out / WORK / STATE).exists()


def _trainable(base: Loaded) -> Loaded:
    """The model in fp32 where it can be trained: Apple's GPU knows no CTC loss."""
    device = "cpu" if base.device == "mps" else base.device
    return replace(base, device=device, network=base.network.float().to(device), precision="float32")


def _check_out(out: Path, resume: bool) -> None:
    """Raise UsageError where the folder holds what a training would spoil."""
    work = out / WORK
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: it is no folder; give a new one with --out.")
    if is_finished(out):
        raise UsageError(f"{out}: its training is done; give another --out folder.")
    if (work / STATE).exists() and not resume:
        raise UsageError(f"{out}: holds an unfinished training; add --resume to go on, or give another --out folder.")
    if out.is_dir() and not work.is_dir() and any(out.iterdir()):
        raise UsageError(f"{out}: is not empty; give a new folder with --out.")


def _with_split(examples: Sequence[Example], reported: Callable[[Sequence[Problem]], None]) -> list[Example]:
    """The examples; where some of them say in which set they belong, those that do."""
    given = [one for one in examples if one.split]
    if not given:
        return list(examples)
    why = "its split is missing while other lines have one; write train, dev or test."
    reported([Problem(one.line, why) for one in examples if not one.split])
    return given


def _check_faults(count: int, shown: str, skip_bad: bool) -> None:
    if count and not skip_bad:
        lines = f"{count} of its lines" if count > 1 else "one of its lines"
        raise InputError(
            f"{shown}: {lines} cannot be used, so nothing was trained; correct or delete what is named above, or add "
            "--skip-bad to train on the rest."
        )


@contextmanager
def _undone_if_refused(made: Sequence[Path], work: Path, note: Callable[[str], None]) -> Iterator[None]:
    """Delete the folders that this job made where it is refused; sound that an earlier one left is named instead."""
    try:
        yield
    except (InputError, UsageError):
        if work in made:
            shutil.rmtree(work, ignore_errors=True)
        elif not (work / STATE).exists():
            note(f"{work}: holds sound of an interrupted run; delete the folder unless you go on with --resume.")
        for folder in made:
            with suppress(OSError):  # gone, or somebody else put something there
                folder.rmdir()
        raise


def _splits(found: list[Utterance], shown: str, seed: int) -> tuple[dict[str, list[Utterance]], str]:
    """The utterances by set, and who made the split."""
    if not found:
        raise InputError(f"{shown}: there is nothing to train on; none of its lines can be used.")
    how = "given by the list"
    if not any(one.split for one in found):
        found, by = made(found, seed)
        how = f"made here {by} (seed {seed})"
    splits: dict[str, list[Utterance]] = {name: [one for one in found if one.split == name] for name in SPLITS}
    check_leaks(found, shown)
    if not splits["train"]:
        raise InputError(f"{shown}: there is nothing to train on; no line that can be used has the split train.")
    return splits, how


def _made_of(base: Loaded, splits: dict[str, list[Utterance]], recipe: Recipe) -> dict[str, str]:
    """What the weights depend on, by what a person calls it."""
    data = {f"the {name} set": data_sha256(found) for name, found in splits.items()}
    settings = {f"--{name.replace('_', '-')}": f"{value:g}" for name, value in asdict(recipe).items()}
    return {"--model": base.sha256, **data, **settings}


def _check_same(kept: dict[str, str], now: dict[str, str], out: Path) -> None:
    changed = [name for name in now if kept.get(name) != now[name]]
    if changed:
        raise UsageError(
            f"{out}: the training there was begun with another {changed[0]}; put it back, or give another --out folder."
        )


def _check_room(base: Loaded, out: Path) -> None:
    weights_mb = sum(weight.numel() * weight.element_size() for weight in base.network.parameters()) / 1e6
    needed = round(_ROOM * weights_mb)
    if free_mb(out) < needed:
        raise DictationError(f"{out}: {needed:,} MB are needed for the training and its state; free some space.")


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Raise UsageError where another process trains in the folder."""
    try:
        with FileLock(work / "lock", timeout=0):
            yield
    except Timeout as error:
        raise UsageError(f"{work.parent}: another training is at work in it; give another --out folder.") from error


def _write(model: Loaded, splits: dict[str, list[Utterance]], text: str, out: Path) -> None:
    """Write the model, the split and the card; each file appears whole, and the one that makes a model of it last."""
    from transformers import LasrProcessor

    result = out / WORK / "result"
    private_folder(result)
    with quiet_transformers():
        model.network.save_pretrained(result)
        LasrProcessor(model.features, model.tokenizer).save_pretrained(result)
    (result / CARD).write_text(text, encoding="utf-8")
    rows = sorted((one.line, name, one.sound) for name, found in splits.items() for one in found)
    lines = ["line,split,sound_sha256", *(",".join(map(str, row)) for row in rows)]
    (result / SPLIT).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in sorted(result.iterdir(), key=lambda path: path.name == CONFIG):
        private_file(path)
        path.replace(out / path.name)
