"""Uses once what numba compiles on first use, so that its cache holds it."""

from __future__ import annotations

import wave
from importlib import import_module
from pathlib import Path

SECOND = 8000


def main() -> None:
    path = Path("/tmp/silence.wav")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SECOND)
        sound.writeframes(bytes(2 * SECOND))
    librosa = import_module("librosa")
    samples, rate = librosa.load(str(path))
    librosa.feature.mfcc(y=samples, sr=rate)


if __name__ == "__main__":
    main()
