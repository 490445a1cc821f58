"""Compressed sound, read by FFmpeg through PyAV: MP3, AAC, Opus, Vorbis and whatever browsers and phones record."""

import logging
from collections.abc import Iterator
from io import BufferedReader
from typing import TYPE_CHECKING, Any

import numpy as np

from dictation.audio.chunk import Chunk, joined, scaled
from dictation.audio.riff import cut_off, damaged, ends_early
from dictation.errors import InputError, MissingError
from dictation.extras import install_command

if TYPE_CHECKING:
    import av

# Containers of sound. Others stay shut: FFmpeg also reads play lists, which open further files and network addresses.
_CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dss,eac3,flac,flv,iff,matroska,mov,mp3,mpeg,mpegts,ogg,tta,voc,w64,wav,wv"
)
# Containers that state the length of their sound track; of others FFmpeg guesses it from the bit rate.
_STATES_LENGTH = {"aiff", "asf", "caf", "flac", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "tta", "w64", "wav", "wv"}
_TOLERANCE_S = 0.5  # encoders round the length up to whole packets and pad both ends
_HOLE_S = 0.015  # a jump of the file's clock that is no rounding; Opus packets last 20 ms
_LONGEST_PAUSE_S = 0.5  # an Opus encoder that saves on silence still sends a packet every 0.4 s (RFC 7587, 3.1.3)
_LONGEST_HOLE_S = 600.0  # a longer one is a broken clock, not lost sound
_ATTEMPTS = 50  # to read on in a damaged container without getting anything
_LEAD_IN = 2  # frames of an MP3 that was cut out of a longer one refer to what is not there
_CHECKS = "crccheck+buffer"  # sums, and whether a frame's bits are used up exactly
_OVERREAD = "overread"  # what the MP3 decoder calls a frame whose bits do not suffice; it says it in passing only
_FIX = "export it again as WAV, FLAC, MP3 or M4A"


def decoded(file: BufferedReader, name: str, warnings: list[str], skip_frames: int = 0) -> Iterator[Chunk]:
    """Yield the sound of `file`, without its first `skip_frames` frames (at the file's own rate).

    Damaged packets are left out, and where the file's clock shows a hole, silence keeps the seconds right.
    Raises InputError, naming `name` and the fix, where there is no sound to decode.
    """
    try:
        import av
    except ImportError as error:
        raise MissingError(f"PyAV is not installed; run: {install_command('audio')}") from error
    mp3_states_length = _mp3_states_length(file)
    file.seek(0)
    try:
        container = av.open(file, container_options={"format_whitelist": _CONTAINERS})
    except av.FFmpegError as error:
        raise InputError(f"{name}: this is no recording in a format known here, or cut off early; {_FIX}.") from error
    with container:
        if not container.streams.audio:
            raise InputError(f"{name}: it has no sound track; name a recording with sound.")
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise InputError(f"{name}: its sound is packed in a way that is not known here; {_FIX}.")
        if len(container.streams.audio) > 1:
            warnings.append(f"{name}: it has several sound tracks and the first was used; check that it is the voice.")
        _listen_to_decoders(stream.codec_context)
        track = _Track()
        for chunk in joined(track.chunks(container, stream)):
            skipped = min(skip_frames, len(chunk.frames))
            skip_frames -= skipped
            yield Chunk(chunk.frames[skipped:], chunk.rate_hz)
        kind = container.format.name
        is_stated = mp3_states_length if kind == "mp3" else kind in _STATES_LENGTH
        warnings += track.warnings(name, _stated_s(container, stream) if is_stated else 0.0)


def _listen_to_decoders(codec: Any) -> None:
    """Have a decoder check what it can, and say it; what it says goes nowhere else, for it may quote the file.

    A decoder with threads would say it where nobody listens, and wait there for Python.
    """
    import av

    codec.options = {"err_detect": _CHECKS}
    codec.thread_count = 1
    av.logging.set_skip_repeated(False)  # the same damage in the next file is news
    av.logging.set_level(av.logging.INFO)
    logger = logging.getLogger("libav")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # else Python prints it


def _is_damage(level: int, _decoder: str, said: str) -> bool:
    import av

    return level <= av.logging.ERROR or said.startswith(_OVERREAD)


class _Track:
    """One sound track on its way through the decoder; keeps count of what was damaged or missing."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._is_damaged = self._is_cut_off = False
        self._missing_s = 0.0

    def chunks(self, container: Any, stream: Any) -> Iterator[Chunk]:
        """Yield what decodes, with silence where the file's clock jumps ahead of the sound."""
        start_s = previous_end_s = None
        for frame in self._frames(container, stream):
            chunk = Chunk(_samples(frame), frame.sample_rate)
            if frame.pts is not None and frame.time_base:
                at_s = float(frame.pts * frame.time_base)
                start_s = at_s if start_s is None else start_s
                hole_s = at_s - previous_end_s if previous_end_s is not None else 0.0
                # A clock that drifts has no holes, and one that jitters does not lag: only both together are a loss.
                lost_s = min(hole_s, at_s - start_s - self.seconds)
                if _HOLE_S < lost_s < _LONGEST_HOLE_S:
                    self._missing_s += lost_s if lost_s > _LONGEST_PAUSE_S else 0.0
                    yield from self._silence(lost_s, chunk)
                previous_end_s = at_s + len(chunk.frames) / chunk.rate_hz
            self.seconds += len(chunk.frames) / chunk.rate_hz
            yield chunk

    def warnings(self, name: str, stated_s: float) -> list[str]:
        """Return what a person should know, one sentence each; complete after the last chunk.

        `stated_s` is the length in seconds that the file claims, 0 where it claims none.
        """
        found = []
        if self._is_damaged:
            found.append(damaged(name))
        elif stated_s - self.seconds > _TOLERANCE_S:
            found.append(ends_early(name, stated_s - self.seconds))
        elif self._is_cut_off:
            found.append(cut_off(name))
        if self._missing_s:
            found.append(
                f"{name}: {self._missing_s:.1f} s are missing inside it and became silence; "
                "copy or record the file again."
            )
        return found

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        import av

        is_failing = False  # since the last sound; where none follows, the file is cut off rather than damaged inside
        frames = 0
        for packet in _packets(container, stream):
            if packet is None:
                is_failing = True
                continue
            try:
                with av.logging.Capture() as said:
                    decoded = packet.decode()
            except av.FFmpegError:
                is_failing = True
                self._is_cut_off = any(bytes(packet))  # zeros only fill up a block of the medium
                continue
            for frame in decoded:
                self._is_damaged = self._is_damaged or is_failing
                is_failing = self._is_cut_off = False
                frames += 1
                yield frame
            if frames > _LEAD_IN and any(_is_damage(*one) for one in said):  # the decoder made sound of it all the same
                is_failing = self._is_cut_off = True

    def _silence(self, seconds: float, like: Chunk) -> Iterator[Chunk]:
        self.seconds += seconds
        left = round(seconds * like.rate_hz)
        while left > 0:
            count = min(left, like.rate_hz)
            left -= count
            yield Chunk(np.zeros((count, like.frames.shape[1]), np.float32), like.rate_hz)


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the packets of a stream, and None where the container itself is damaged, as long as it can be read on."""
    import av

    packets, attempts = container.demux(stream), 0
    while attempts < _ATTEMPTS:
        try:
            for packet in packets:
                attempts = 0
                yield packet
            return
        except av.FFmpegError:
            packets, attempts = container.demux(stream), attempts + 1
            yield None


def _stated_s(container: Any, stream: Any) -> float:
    """Return the length in seconds that the file claims for its sound, 0 where it claims none."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if container.duration and not container.streams.video:  # Matroska and WebM: one length for all tracks
        return float(container.duration) / 1e6  # FFmpeg counts a file's length in microseconds
    return 0.0


def _samples(frame: "av.AudioFrame") -> np.ndarray:
    """Return a decoded frame as float32, shape (n, channels)."""
    values = scaled(frame.to_ndarray())
    return values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)


def _mp3_states_length(file: BufferedReader) -> bool:
    """Tell whether the first frame of an MP3 file is the one in which an encoder states the number of frames."""
    file.seek(0)
    head = file.read(10)
    start = 0
    if head.startswith(b"ID3") and len(head) == 10:  # ID3v2: seven bits a byte, the size without these ten bytes
        start = 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(head[6:])))
    file.seek(start)
    first_frames = file.read(2_048)
    return any(tag in first_frames for tag in (b"Xing", b"Info", b"VBRI"))
