"""The page as a folder that opens without a server: `handeye view RUN --export DIR`."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from envs.errors import BadInput
from scoring.replay import film, render
from scoring.story import Story, frames, read
from scoring.viewer.page import collect, dressed

HIGH = 124  # pixels of a small picture: twice what the page shows, for dense screens


def export(folder: Path, out: Path, told: Callable[[str], None] = lambda _: None) -> Path:
    """Write index.html, frames, small pictures and films into `out`, which must be empty or not exist.

    `told` hears each episode's name before its film is made. Returns the page's path. Raises BadInput.
    """
    run, stories = read(folder)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} is not empty: name a folder that is, or that does not exist")
    for name in ("frames", "thumbs", "videos"):
        (out / name).mkdir(parents=True)
    for frame in {frame for story in stories for frame in frames(story)}:
        source = folder / "frames" / f"{frame}.png"
        if source.is_file():
            shutil.copyfile(source, out / "frames" / source.name)
            (out / "thumbs" / f"{frame}.webp").write_bytes(small(source.read_bytes()))
    for story in stories:
        told(story.name)
        shutil.copyfile(filmed(folder, story), out / "videos" / f"{story.name}.mp4")
    (out / "index.html").write_bytes(dressed(collect(run, stories)))
    return out / "index.html"


def filmed(folder: Path, story: Story) -> Path:
    """The episode's film, made if it is not there or older than the log."""
    path, log = film(folder, story.name), folder / "episodes" / story.name / "events.jsonl"
    if path.is_file() and path.stat().st_mtime_ns >= log.stat().st_mtime_ns:
        return path
    return render(folder, story, path)


def small(png: bytes) -> bytes:
    """A frame as a small WebP; grey where it cannot be read."""
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(png)) as image:
            shrunk = image.convert("RGB").resize(
                (round(image.width * HIGH / image.height), HIGH), Image.Resampling.BOX
            )
    except OSError:
        shrunk = Image.new("RGB", (HIGH * 16 // 9, HIGH), (96, 96, 96))
    shrunk.save(out, "WEBP", quality=70)
    return out.getvalue()
