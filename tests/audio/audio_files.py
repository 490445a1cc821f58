"""Sound and files of it, made for the tests."""

import io
import struct
from pathlib import Path

import av
import numpy as np
import soundfile

from dictation.audio import SAMPLE_RATE, Recording

DATA = Path(__file__).parent / "data"
CLIPS = ("lungs", "effusion", "nodule", "impression")


def tone(rate_hz: int, seconds: float, hz: float = 440.0, level: float = 0.5) -> np.ndarray:
    """A sine, float32, shape (n,)."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def clip(name: str) -> np.ndarray:
    """One sentence of synthetic speech at 16 kHz, float32, shape (n,)."""
    sound, rate_hz = soundfile.read(DATA / f"{name}.flac", dtype="float32")
    assert rate_hz == SAMPLE_RATE
    return sound


def speech() -> np.ndarray:
    """The four sentences one after the other."""
    return np.concatenate([clip(name) for name in CLIPS])


def opened(folder: Path, content: bytes, name: str = "a.wav") -> Recording:
    """A recording of a file with this content."""
    (folder / name).write_bytes(content)
    return Recording(folder / name)


def silent(path: Path) -> Path:
    """Half a second in which nothing is said, as a file: heard in no time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, pause(0.5), SAMPLE_RATE)
    return path


def pcm(sound: np.ndarray) -> bytes:
    """Its samples of 16 bits."""
    return (sound * 32_767).astype("<i2").tobytes()


def pause(seconds: float) -> np.ndarray:
    """Digital silence at 16 kHz."""
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def encoded(sound: np.ndarray, file_format: str, subtype: str, rate_hz: int = SAMPLE_RATE) -> bytes:
    """A file as libsndfile writes it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, rate_hz, format=file_format, subtype=subtype)
    return buffer.getvalue()


class _Pipe(io.RawIOBase):
    """What a browser records into: bytes can only be added, so the header never learns the length."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece) -> int:
        self.content += bytes(piece)
        return len(piece)


def encoded_by_av(
    sound: np.ndarray, container: str, codec: str, rate_hz: int, live: bool = False, lost: range | None = None
) -> bytes:
    """A file as FFmpeg writes it: `live` as into a pipe, without the packets whose numbers are in `lost`."""
    target = _Pipe() if live else io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if live and container == "mp4" else {}
    with av.open(target, "w", format=container, container_options=options) as output:
        stream = output.add_stream(codec, rate=rate_hz)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, 0
        converter = av.AudioResampler(format=stream.codec_context.format.name, layout="mono", rate=rate_hz)
        frames = [*converter.resample(frame), *converter.resample(None), None]
        packets = [packet for piece in frames for packet in stream.encode(piece)]
        for number, packet in enumerate(packets):
            if lost is None or number not in lost:
                output.mux(packet)
    return bytes(target.content) if isinstance(target, _Pipe) else target.getvalue()


def wav(
    sound: bytes, stated: int | None = None, rate_hz: int = SAMPLE_RATE, channels: int = 1, after: bytes = b""
) -> bytes:
    """A 16-bit WAV file whose header states `stated` bytes of sound (None: the truth), followed by `after`."""
    block = 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate_hz, rate_hz * block, block, 16)
    data = struct.pack("<4sI", b"data", len(sound) if stated is None else stated) + sound + after
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def likeness(heard: np.ndarray, original: np.ndarray) -> float:
    """The part of the original's power that is found again, 0–1, after lining both up (encoders delay the sound)."""
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(original))))
    crossed = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(original, size)), size)
    return float(np.abs(crossed).max() / max(np.sum(heard**2.0), np.sum(original**2.0)))
