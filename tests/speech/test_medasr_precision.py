"""int8 beside fp32, our loop beside transformers', and what the cache of int8 weights does when it is damaged."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.small_lasr.speech import held_out_clips
from dictation.audio import SAMPLE_RATE
from dictation.errors import MissingError
from dictation.settings import Settings
from dictation.speech.ctc.greedy import greedy
from dictation.speech.medasr import int8, int8_cache, weights
from dictation.speech.medasr.conformer import Conformer, unsupported
from dictation.speech.medasr.int8 import is_exact, quantised
from dictation.speech.medasr.mel import mels
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.self_check import Verdict, self_check, voice_like
from dictation.speech.medasr.weights import find, for_hearing, load, outlook
from tests.speech.tiny_lasr import lasr

pytestmark = pytest.mark.processor
VOICE = voice_like(12)
LENGTHS_S = (0.05, 0.145, 0.3, 3.017, 12)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)  # two that wait for each other are slow where other programs run
    yield
    torch.set_num_threads(before)


@pytest.fixture
def checkpoint(tiny_lasr):
    return find(tiny_lasr)


def in_int8(model):
    """The same model with its weights converted, whatever its self-check says."""
    converted = Conformer(model.network.config, quantised(model.network.state_dict().items()))
    return replace(model, network=converted, precision="int8")


def is_refused() -> bool:
    """Where products of 8 bits are not exact, nobody hears with them: the self-check says no."""
    return not is_exact() and not self_check(lambda sound: sound, lambda sound: sound).agrees


def full_size():
    """A network of MedASR's shape with random weights: two blocks of its 17."""
    import torch
    from transformers import LasrCTCConfig, LasrEncoderConfig, LasrForCTC

    torch.manual_seed(0)
    return LasrForCTC(LasrCTCConfig(encoder_config=LasrEncoderConfig(num_hidden_layers=2))).eval()


@pytest.mark.parametrize("size", ["tiny", "odd", "small", "full"])
def test_our_loop_in_fp32_equals_transformers(size, small):
    import torch

    networks = {
        "tiny": lambda: lasr(hidden=32, layers=2)[0],
        "odd": lambda: lasr(hidden=36, layers=1)[0],
        "small": lambda: small.network,
        "full": full_size,
    }
    network = networks[size]()
    ours = Conformer(network.config, network.state_dict())
    with torch.inference_mode():
        for seconds in (0.145, 12) if size == "full" else LENGTHS_S[1:]:
            heard = mels(small.features, VOICE[: round(seconds * SAMPLE_RATE)])
            theirs = network(heard[None]).logits[0].softmax(-1)
            assert (ours(heard).softmax(-1) - theirs).abs().max() < 1e-4


def test_int8_hears_each_window_as_if_it_were_alone(small):
    model = in_int8(small)
    sounds = [VOICE[: round(seconds * SAMPLE_RATE)] for seconds in LENGTHS_S]
    for sound, shares in zip(sounds, posteriors(model, sounds), strict=True):
        [alone] = posteriors(model, [sound])
        assert np.array_equal(shares, alone)
        [theirs] = posteriors(small, [sound])
        assert shares.shape == theirs.shape


def test_this_processor_multiplies_int8_exactly_or_says_no():
    """Where it does not, the self-check is what stands between a user and wrong words."""
    assert is_exact() or is_refused()


def logits_of(scale):
    random = np.random.default_rng(0)
    peaks = random.integers(0, 30, 250)
    logits = random.normal(0, 1, (250, 30))
    logits[np.arange(250), peaks] += 12
    return logits * scale


def test_the_self_check_says_no_where_frames_differ_and_where_nothing_is_gained(monkeypatch):
    monkeypatch.setattr("dictation.speech.medasr.self_check.is_exact", lambda: True)
    right = logits_of(1.0)
    wrong = right.copy()
    wrong[:5] = -wrong[:5]  # 2 % of the frames
    busy = np.random.default_rng(0).normal(size=(300, 300))

    def slowly(sound):
        for _ in range(3):
            np.linalg.svd(busy, compute_uv=False)
        return right

    assert self_check(slowly, lambda sound: right + 0.01).agrees
    refused = self_check(slowly, lambda sound: wrong)
    assert not refused.agrees
    assert "98.0 % of frames" in refused.reason
    assert "no faster" in self_check(lambda sound: right, slowly).reason
    assert "no numbers" in self_check(slowly, lambda sound: right * np.nan).reason


def test_a_shape_that_our_loop_does_not_know_is_named(tiny_lasr):
    config = lasr(hidden=32, layers=1)[0].config
    assert unsupported(config) == ""
    config.encoder_config.hidden_act = "gelu"
    assert "gelu" in unsupported(config)


@pytest.fixture
def agreeing(monkeypatch):
    """A self-check of two frames' work: what it finds is tested by itself, here it is kept and obeyed."""
    verdict = Verdict(True, "its self-check passed", 1.0, 0.01)
    calls = []
    monkeypatch.setattr(weights, "self_check", lambda fp32, int8: calls.append(1) or verdict)
    return calls


def int8_settings(tmp_path, precision="int8"):
    return Settings(cache=tmp_path, medasr_precision=precision)


def test_int8_weights_are_converted_once_and_give_the_same_again(checkpoint, tmp_path, agreeing):
    first = load(checkpoint, int8_settings(tmp_path))
    second = load(checkpoint, int8_settings(tmp_path))
    assert len(agreeing) == 1
    assert (first.precision, first.because) == (second.precision, second.because) == ("int8", "its self-check passed")
    for ours, theirs in zip(posteriors(first, [VOICE]), posteriors(second, [VOICE]), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "record", "verdict of another shape"])
def test_damaged_int8_weights_are_made_anew(damage, checkpoint, tmp_path, agreeing):
    load(checkpoint, int8_settings(tmp_path))
    [kept] = tmp_path.glob("medasr_int8/*.safetensors")
    content = kept.read_bytes()
    if damage == "flipped":
        kept.write_bytes(content[:-10] + bytes([content[-10] ^ 1]) + content[-9:])
    elif damage == "cut":
        kept.write_bytes(content[: len(content) // 2])
    elif damage == "gone":
        kept.unlink()
    else:
        record = "{" if damage == "record" else json.dumps({"sha256": "", "verdict": {"agree": 1}})
        kept.with_suffix(".json").write_text(record)
    assert load(checkpoint, int8_settings(tmp_path)).precision == "int8"
    assert kept.read_bytes() == content
    assert len(agreeing) == 2
    assert not list(tmp_path.glob("medasr_int8/.*"))


def test_a_verdict_holds_for_one_machine(checkpoint, tmp_path, agreeing, monkeypatch):
    load(checkpoint, int8_settings(tmp_path))
    monkeypatch.setattr(int8_cache.platform, "node", lambda: "another")
    load(checkpoint, int8_settings(tmp_path))
    assert len(agreeing) == 2


def test_auto_takes_fp32_where_int8_disagrees_and_says_why(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "self_check", lambda fp32, int8: Verdict(False, "its self-check failed: 90.0 %"))
    monkeypatch.setattr(weights, "LEAST_INT8_BYTES", 0)
    model = load(checkpoint, int8_settings(tmp_path, "auto"))
    if model.device != "cpu":
        pytest.skip("int8 is for CPUs")
    assert (model.precision, model.because) == ("float32", "not int8: its self-check failed: 90.0 %")
    assert outlook(checkpoint, int8_settings(tmp_path, "auto")) == (
        True,
        "float32 on the cpu, not int8: its self-check failed: 90.0 %",
    )
    with pytest.raises(MissingError, match=r"cannot run in int8 here: its self-check failed: 90.0 %; set DICTATION_ME"):
        load(checkpoint, int8_settings(tmp_path))


def test_int8_hears_what_fp32_hears(small):
    """On held-out speech; the text is the same wherever fp32 heard what was said."""
    model = in_int8(small)
    equal = frames = heard = 0
    for clip in held_out_clips():
        [theirs], [ours] = posteriors(small, [clip.samples]), posteriors(model, [clip.samples])
        equal += int((ours.argmax(1) == theirs.argmax(1)).sum())
        frames += len(theirs)
        pieces = [[one.piece for one in greedy(shares, small.blank)] for shares in (theirs, ours)]
        text = small.tokenizer.decode(pieces[0], group_tokens=False, skip_special_tokens=True)
        if text.strip() == clip.text:
            heard += 1
            assert pieces[1] == pieces[0]
    assert equal >= 0.99 * frames
    assert heard >= 6


def test_log_mel_frames_equal_those_of_transformers(small):
    for level in (1.0, 1e-4):
        sound = (level * VOICE).astype(np.float32)
        theirs = small.features([sound], sampling_rate=SAMPLE_RATE, return_tensors="pt")["input_features"][0]
        assert np.abs(mels(small.features, sound).numpy() - theirs.numpy()).max() < 1e-5


@pytest.mark.parametrize("steps", [63, 127])
def test_a_processor_that_adds_pairs_in_int16_gets_numbers_of_seven_bits_and_exact_products(steps, monkeypatch):
    """127 · 127 + 127 · 127 fits into int16 where numbers are 7 bits above their lowest; of 8 bits it would not."""
    import torch

    if steps == 63 and torch.backends.quantized.engine not in ("x86", "fbgemm"):
        pytest.skip("this torch has no FBGEMM")
    monkeypatch.setattr(int8, "_adds_pairs_in_int16", lambda: steps == 63)
    assert int8.steps_here() == steps
    assert is_exact() or (steps == 127 and is_refused())


def test_what_is_only_to_hear_in_fp32_runs_in_our_loop_and_hears_the_same(small):
    quick = for_hearing(small)
    assert isinstance(quick.network, Conformer) and not isinstance(small.network, Conformer)
    sounds = [VOICE[: round(seconds * SAMPLE_RATE)] for seconds in LENGTHS_S]
    for ours, theirs in zip(posteriors(quick, sounds), posteriors(small, sounds), strict=True):
        assert ours.shape == theirs.shape and np.abs(ours - theirs).max() < 1e-4
