"""Sounds and films: a tone, and a square that goes over the screen for twenty seconds."""

from __future__ import annotations

import io
import math
import wave
from fractions import Fraction
from functools import cache

import av
import numpy as np

SECONDS, RATE, FRAMES = 20, 22050, 5
_WIDE, _HIGH = 320, 180


def _tone(seconds: int, variant: int) -> np.ndarray:
    """Samples of 16 bits: two notes, one after the other, again and again."""
    at = np.arange(seconds * RATE) / RATE
    hertz = np.where((at % 1) < 0.5, 440 + 110 * variant, 660)
    return (9000 * np.sin(2 * math.pi * hertz * at)).astype(np.int16)


@cache
def wav(variant: int = 0) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(_tone(5, variant).tobytes())
    return out.getvalue()


@cache
def mp3(title: str = "", artist: str = "", variant: int = 0) -> bytes:
    """A tone with tags."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"fflags": "+bitexact"}) as container:
        container.metadata.update({"title": title, "artist": artist})
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono", options={"b": "32k"})
        _play(container, stream, 5, variant, "s16p")
    return out.getvalue()


@cache
def mp4(variant: int = 0) -> bytes:
    """A film with sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        film = container.add_stream("mpeg4", rate=FRAMES, options={"flags": "+bitexact"})
        film.width, film.height, film.pix_fmt, film.bit_rate = _WIDE, _HIGH, "yuv420p", 60_000
        film.thread_count = 1
        sound = container.add_stream("aac", rate=RATE, layout="mono", options={"b": "16k", "flags": "+bitexact"})
        for number in range(SECONDS * FRAMES):
            frame = av.VideoFrame.from_ndarray(_still(number, variant), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
        _play(container, sound, SECONDS, variant, "fltp")
    return out.getvalue()


def _still(number: int, variant: int) -> np.ndarray:
    still = np.full((_HIGH, _WIDE, 3), (30, 40 + 60 * variant, 90), np.uint8)
    left = number * (_WIDE - 60) // (SECONDS * FRAMES)
    still[60:120, left : left + 60] = (230, 200, 60)
    return still


def _play(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: int, variant: int, layout: str
) -> None:
    samples, step = _tone(seconds, variant), 1152
    resampler = av.AudioResampler(format=layout, layout="mono", rate=RATE)
    for start in range(0, len(samples), step):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + step], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for made in resampler.resample(frame):
            container.mux(stream.encode(made))
    container.mux(stream.encode(None))
