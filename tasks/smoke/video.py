"""`snapshot`: one moment of a video is kept as a picture, with VLC."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random

import av
from PIL import Image, ImageDraw

from envs.desktop import Probe
from envs.types import Launch, Point, Put, Scene
from scoring.checks import FileExists, Finding, StateCheck, likeness, read
from scoring.documents import Unfit, picture
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, click, click_at, gone, keys, menu, nodes, route, window, write
from tasks.smoke.files import SomeFileIs

HOME = "/home/user"
VIDEOS = f"{HOME}/Videos"
PICTURES = f"{HOME}/Pictures"
SIZE = (640, 360)
# VLC shows another volume at its start when the desktop has no sound yet.
HEARD = ("timeout", "20", "sh", "-c", "until pactl info >/dev/null 2>&1; do sleep 0.02; done")
# Qt's caret blinks unless KDE says otherwise; VLC hides a pointer that rests on the video, after a while.
# It is paused at its start once a picture was shown: without that VLC jumps to one place and to no other.
PAUSED = """
export QT_QPA_PLATFORMTHEME=kde KDE_SESSION_VERSION=5
vlc --mouse-hide-timeout=2147483647 "$1" &
ask() { curl -sf -m 5 -u :password "http://127.0.0.1:8080/requests/status.json$1"; }
until ask | grep -Eq '"displayedpictures": *[1-9]'; do sleep 0.05; done
ask '?command=pl_forcepause' && ask '?command=seek&val=0'
wait
"""
GLOBALS = f"{HOME}/.config/kdeglobals"
LOOKS = b"[General]\nfont=Noto Sans,10,-1,5,50,0,0,0,0,0\n[KDE]\nCursorBlinkRate=0\n[Icons]\nTheme=Adwaita\n"
JUMP = r"^Go to Time$"
RATE = 10  # pictures a second
SECONDS = 24
LIKENESS = 0.97  # what MPEG-4 leaves of a still is 0.99 like it; the nearest other second is 0.92
PLACES = ("north-gate", "south-gate", "boathouse", "car-park", "stable", "loading-bay")
SHADES = (0, 70, 140, 210)
COLOURS = tuple(rgb for rgb in itertools.product(SHADES, SHADES, SHADES) if sum(rgb) <= 450)  # white shows on each


@dataclass(frozen=True)
class Clip:
    """A video of a place. Every second has its own ground colour and shows its number of vehicles."""

    place: str
    colours: tuple[tuple[int, int, int], ...]
    numbers: tuple[int, ...]

    @property
    def path(self) -> str:
        """Where it lies."""
        return f"{VIDEOS}/{self.place}.mkv"

    def still(self, second: int) -> Image.Image:
        """What is shown from this second to the next."""
        image = Image.new("RGB", SIZE, self.colours[second])
        draw = ImageDraw.Draw(image)
        draw.text((320, 190), str(self.numbers[second]), fill="white", font_size=200, anchor="mm")
        draw.rectangle((0, 0, SIZE[0], 44), fill="black")
        draw.text((14, 22), self.place.replace("-", " ").upper(), fill="white", font_size=24, anchor="lm")
        draw.text((626, 22), f"0:{second:02}", fill="white", font_size=24, anchor="rm")
        return image


@cache
def encoded(clip: Clip) -> bytes:
    """The video, the same bytes each time: each second begins with a picture that stands for itself."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska", container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 2_000_000
        stream.gop_size = RATE
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for second in range(len(clip.colours)):
            still = clip.still(second)
            for _ in range(RATE):
                container.mux(stream.encode(av.VideoFrame.from_image(still)))  # type: ignore[no-untyped-call]  # PyAV is typed in part
        container.mux(stream.encode(None))
    return out.getvalue()


@dataclass(frozen=True)
class Moment(StateCheck):
    """Beside the pictures of `kept`, the folder holds one: the clip at this second, in the clip's own size."""

    folder: str
    clip: Clip
    second: int
    kept: tuple[str, ...]
    others: tuple[Clip, ...] = field(repr=False)
    """Clips that it could be taken for."""

    @property
    def expected(self) -> str:
        """The moment."""
        return (
            f"one new picture in {self.folder}: {self.clip.place} at 0:{self.second:02}, {SIZE[0]}x{SIZE[1]} pixels"
        )

    def find(self, probe: Probe) -> Finding:
        """Find the most similar of all seconds of all clips."""
        there = [each.path for each in probe.files(f"{self.folder}/*") if each.kind == "file"]
        new = [path for path in there if path not in self.kept and not path.rpartition("/")[2].startswith(".")]
        if len(new) != 1:
            return False, f"{len(new)} new files: {', '.join(new) or 'none'}"
        image = picture(new[0], read(probe, new[0]))
        if image.size != SIZE:
            return False, f"{new[0]} is {image.width}x{image.height} pixels"
        alike, place, second = max(
            (likeness(image, clip.still(second)), clip.place, second)
            for clip in (self.clip, *self.others)
            for second in range(len(clip.colours))
        )
        if alike < LIKENESS:
            return False, f"{new[0]} is no picture of these videos; it is {alike:.3f} like {place} at 0:{second:02}"
        return (place, second) == (self.clip.place, self.second), f"{new[0]} shows {place} at 0:{second:02}"


def filmed(rng: Random) -> tuple[Clip, Clip, int]:
    """What a seed makes of it: the clip, another one, and the second that is wanted of the first."""
    colours, numbers = rng.sample(COLOURS, 2 * SECONDS), rng.sample(range(10, 99), 2 * SECONDS)
    clip, other = (
        Clip(place, tuple(colours[start::2]), tuple(numbers[start::2]))
        for start, place in enumerate(rng.sample(PLACES, 2))
    )
    return clip, other, rng.randrange(4, SECONDS - 2)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _jump(second: int, *, by_menu: bool = False) -> Play:
    """Go to the start of a second."""

    def play(see: Probe) -> Iterator[Step]:
        if by_menu:
            yield from menu(see, "Playback", r"Jump to Specific Time.*")
            window(see, JUMP)
            yield write(f"0000{second:02}", intent=f"write the time 0:{second:02}")
            yield click(see, "button|push button", "Go")
        else:
            yield keys("ctrl+t", intent="jump to a time")
            window(see, JUMP)
            yield write(f"0000{second:02}\n", intent=f"go to 0:{second:02}")
        gone(see, JUMP)

    return play


def _take(*, by_menu: bool = False) -> Play:
    """Take a snapshot, and wait until it is written."""

    def play(see: Probe) -> Iterator[Step]:
        before = _pictures(see)
        if by_menu:
            yield from menu(see, "Video", "Take Snapshot")
        else:
            yield keys("shift+s", intent="take a snapshot")
        await_("the snapshot to be written", lambda: _pictures(see) > before)

    return play


def _pictures(see: Probe) -> int:
    """How many whole pictures there are."""
    whole = 0
    for entry in see.files(f"{PICTURES}/*.png"):
        try:
            picture(entry.path, see.read_file(entry.path))
        except (FileNotFoundError, Unfit):
            continue
        whole += 1
    return whole


def _slide(second: int) -> Play:
    """Click the bar below the video where the middle of the second is."""

    def play(see: Probe) -> Iterator[Step]:
        bar = max((node.box.width, node.box) for node in nodes(see, "slider") if node.box is not None)[1]
        at = Point(x=bar.x + round(bar.width * (second + 0.5) / SECONDS), y=bar.centre.y)
        yield click_at(at, intent=f"click the bar at 0:{second:02}")

    return play


def _open(clip: Clip) -> Play:
    """Open another video."""

    def play(see: Probe) -> Iterator[Step]:
        yield keys("ctrl+o", intent="open a file")
        window(see, r"[Oo]pen|[Ss]elect")
        yield write(f"{clip.path}\n", intent=f"open {clip.place}.mkv")
        window(see, rf"^{clip.place}\.mkv")
        yield keys("space", intent="pause")  # it plays at once, and on a busy machine to its end

    return play


def snapshot(rng: Random) -> Task:
    """What a camera saw at one second is kept with VLC's own snapshot."""
    clip, other, second = filmed(rng)
    name = f"{clip.place}.mkv"
    old = f"{PICTURES}/vlcsnap-2026-01-0{rng.randrange(2, 9)}-10h04m31s127.png"
    kept = _png(other.still(second))
    return Task(
        id="smoke/snapshot@2",
        goal=(
            f"The video '{name}' of a camera that counts vehicles lies in Videos of your home folder; VLC has "
            "it open, paused at its start. With VLC, "
            f"take one snapshot of what it shows at 0:{second:02}, that is from second {second} until before second "
            f"{second + 1}. The snapshot must be in the folder Pictures of your home folder, in the size of the "
            "video, as the only new file there, under whatever name. The videos and the picture that is there "
            "already must stay as they are."
        ),
        checks=(
            Moment("the snapshot", PICTURES, clip, second, (old,), (other,)),
            SomeFileIs("the older picture as before", old, kept),
            SomeFileIs("the video as before", clip.path, encoded(clip)),
        ),
        scene=Scene(
            files=(
                Put(path=clip.path, data=encoded(clip)),
                Put(path=other.path, data=encoded(other)),
                Put(path=old, data=kept),
                Put(path=GLOBALS, data=LOOKS),
            ),
            commands=(HEARD,),
            open=(Launch(argv=("sh", "-c", PAUSED, "sh", clip.path), window=r"\.mkv - VLC"),),
        ),
        budget=Budget(steps=30),
        apps=("vlc",),
        tags=("video",),
        plan=(
            f"Playback > Jump to Specific Time: 0:{second:02}, Go",
            "Video > Take Snapshot",
        ),
        milestones=(FileExists("another picture in Pictures", f"{PICTURES}/*.png", 2),),
        solution=route(_jump(second, by_menu=True), _take(by_menu=True)),
        equivalents={
            "by the keys": route(_jump(second), _take()),
            "by the bar": route(_slide(second), _take()),
        },
        near_misses={
            "the second before": route(_jump(second - 1, by_menu=True), _take(by_menu=True)),
            "another one besides": route(_jump(second - 1), _take(), _jump(second), _take()),
            "stopped there, but none taken": route(_jump(second, by_menu=True)),
            "the other video": route(_open(other), _jump(second, by_menu=True), _take(by_menu=True)),
        },
    )
