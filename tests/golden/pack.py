"""Makes a recorded run small enough to keep: `python tests/golden/pack.py RUN OUT`.

The same pixels, packed as tightly as PNG goes; frames are named by their content, so the log is told the new
names. Nothing else of what was recorded is touched.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

from PIL import Image


def pack(run: Path, out: Path) -> None:
    """Write a copy of the run, without what is derived, into a folder that must not exist."""
    (out / "frames").mkdir(parents=True)
    (out / "run.json").write_bytes((run / "run.json").read_bytes())
    names: dict[str, str] = {}
    for frame in sorted((run / "frames").glob("*.png")):
        packed = io.BytesIO()
        with Image.open(frame) as image:
            image.convert("RGB").save(packed, "PNG", optimize=True)
        names[frame.stem] = hashlib.sha256(packed.getvalue()).hexdigest()
        (out / "frames" / f"{names[frame.stem]}.png").write_bytes(packed.getvalue())
    for log in sorted(run.glob("episodes/*/events.jsonl")):
        text = log.read_text()
        for old, new in names.items():
            text = text.replace(old, new)
        (out / "episodes" / log.parent.name).mkdir(parents=True)
        (out / "episodes" / log.parent.name / "events.jsonl").write_text(text)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
