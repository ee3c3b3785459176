"""A small run made event by event: every way an episode can end, every kind of action, and text meant to do harm.

Deterministic to the byte. `build(folder)` writes it; the screen it shows is drawn, with the pointer in it.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw

from envs.types import (
    About,
    Action,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Size,
    Took,
    Type,
    Wait,
)
from scoring.record import Acted, Decided, Ended, Event, How, Judged, Line, Looked, Run, Started
from scoring.verdict import Verdict

SIZE = Size(width=1280, height=800)
HOSTILE = '<script>document.title="taken"</script><img src="http://evil.test/x.png" onerror="document.title=1">'
TOOK = Took(act=0.012, settle=0.18, look=0.006)
CHECKS = {"budget": ("the total in B9", "B9 is a formula"), "letter": ("the greeting", "the date", "the signature")}
APPS = {"budget": ("libreoffice-calc",), "letter": ("libreoffice-writer",), "mail": ("thunderbird",)}


def screen(pointer: Point, texts: tuple[str, ...], caret: Point | None = None) -> bytes:
    """A PNG of a window with some lines of text and the pointer."""
    image = Image.new("RGB", (SIZE.width, SIZE.height), "#2f5d62")
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 60, 1200, 720), fill="#fafafa", outline="#222")
    draw.rectangle((80, 60, 1200, 92), fill="#dfe3e6")
    for row, text in enumerate(texts):
        draw.text((110, 120 + 26 * row), text, fill="#222", font_size=18)
    if caret is not None:
        draw.line((caret.x, caret.y, caret.x, caret.y + 20), fill="#000", width=2)
    x, y = pointer.x, pointer.y
    draw.polygon(((x, y), (x, y + 17), (x + 4, y + 13), (x + 12, y + 12)), fill="black", outline="white")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass
class Writer:
    """Writes one episode's log, its clock told by hand."""

    folder: Path
    name: str
    lines: list[Line] = field(default_factory=list)
    t: float = 0.0
    steps: int = 0
    pointer: Point = field(default_factory=lambda: Point(x=640, y=400))
    texts: tuple[str, ...] = ("Item        Amount", "Rent        850.50", "Food        312.20")

    def say(self, event: Event, after: float = 0.0) -> None:
        self.t += after
        self.lines.append(Line(seq=len(self.lines), t=round(self.t, 6), event=event))

    def look(self, took: Took = TOOK, *, settled: bool = True, refused: str = "", after: float = 0.21) -> None:
        png = screen(self.pointer, self.texts)
        frame = hashlib.sha256(png).hexdigest()
        (self.folder / "frames" / f"{frame}.png").write_bytes(png)
        self.say(
            Looked(frame=frame, size=SIZE, settled=settled, refused=refused, took=took, wall=after - 0.002), after
        )

    def decide(self, intent: str, *actions: Action, thought: str = "", seconds: float = 0.0, tokens: int = 0) -> None:
        usd = round(tokens * 3e-6, 6) if tokens else None
        decided = Decided(
            intent=intent, thought=thought, actions=actions, seconds=seconds, input_tokens=tokens, usd=usd
        )
        self.say(decided, seconds)

    def do(self, action: Action, *, line: str = "", refused: str = "", settled: bool = True) -> None:
        self.steps += 1
        self.say(Acted(step=self.steps, action=action), 0.001)
        match action:
            case Click(at=Point() as at) | Move(at=at) | Scroll(at=Point() as at):
                self.pointer = at if not refused else self.pointer
            case Drag(path=path):
                self.pointer = path[-1]
        if line:
            self.texts = (*self.texts, line)
        self.look(refused=refused, settled=settled)

    def judge(self, check: str, score: float, expected: str, actual: str, *, final: bool = True) -> None:
        verdict = Verdict(check=check, score=score, expected=expected, actual=actual)
        self.say(Judged(verdict=verdict, final=final, step=self.steps), 0.004)

    def end(self, how: How, score: float | None, reason: str = "", *, claim: str = "", answer: str = "") -> None:
        ended = Ended(how=how, score=score, reason=reason, claim=claim, answer=answer, seconds=round(self.t, 6))
        self.say(ended, 0.001)

    def save(self) -> None:
        log = self.folder / "episodes" / self.name / "events.jsonl"
        log.parent.mkdir(parents=True)
        log.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in self.lines))


def start(folder: Path, task: str, goal: str, *, name: str = "", solution: int | None = 6, minute: int = 0) -> Writer:
    """An episode that has been started and reset."""
    writer = Writer(folder, name or f"{task}-s0-r0")
    started = Started(
        format=1,
        utc=f"2026-03-02T09:{minute:02d}:00Z",
        suite="golden",
        task=f"golden/{task}@1",
        goal=goal,
        seed=0,
        repeat=0,
        agent="made",
        desktop=About(kind="fake", image="fake", code="0", size=SIZE),
        axes=("control",),
        checks=CHECKS.get(task, ("the picture's size",)),
        apps=APPS.get(task, ("files",)),
        budget_steps=40,
        budget_seconds=600,
        solution_steps=solution,
    )
    writer.say(started)
    writer.look(after=0.9)
    return writer


def passes(folder: Path) -> None:
    """All kinds of actions, and a score of 1."""
    log = start(folder, "budget", "Put the total of column B in B9, then save the sheet under the name it has.")
    log.decide(
        "select the first amount",
        Click(at=Point(x=240, y=155)),
        thought="The amounts are in column B.\nThe first is at 240, 155.",
        seconds=3.2,
        tokens=1800,
    )
    log.do(Click(at=Point(x=240, y=155)))
    log.decide("select the rest", Drag(path=(Point(x=240, y=155), Point(x=250, y=170), Point(x=240, y=188))))
    log.do(Drag(path=(Point(x=240, y=155), Point(x=250, y=170), Point(x=240, y=188))))
    log.decide("scroll down to B9", Scroll(at=Point(x=640, y=400), dy=5), seconds=1.1, tokens=2000)
    log.do(Scroll(at=Point(x=640, y=400), dy=5))
    log.decide(
        "type the formula and save",
        Click(at=Point(x=110, y=250), count=2),
        Type(text="=SUM(B2:B8)\nnaïve 北京 😀"),
        Press(keys=("ctrl", "s")),
        seconds=2.4,
        tokens=2100,
    )
    log.do(Click(at=Point(x=110, y=250), count=2))
    log.do(Type(text="=SUM(B2:B8)\nnaïve 北京 😀"), line="Total      1162.70")
    log.judge("the total is on the screen", 1, "1162.70", "1162.70", final=False)
    log.do(Press(keys=("ctrl", "s")), settled=False)
    log.decide("it is saved", Finish(answer="1162.70"), seconds=0.8, tokens=2100)
    log.judge("the total in B9", 1, "B9 = 1162.7", "B9 = 1162.7")
    log.judge("B9 is a formula", 1, "a formula like SUM", "=SUM(B2:B8)")
    log.end("finished", 1.0, claim="done", answer="1162.70")
    log.save()


def fails(folder: Path) -> None:
    """Out of steps, with refused actions, rare actions and hostile text."""
    log = start(folder, "letter", f"Write a letter {HOSTILE}", minute=1)
    log.decide(HOSTILE, Click(at=Point(x=5000, y=20)), thought=HOSTILE, seconds=1.5)
    log.do(Click(at=Point(x=5000, y=20)), refused=f"(5000, 20) is off the screen, which is 1280x800 {HOSTILE}")
    for action in (
        Move(at=Point(x=20, y=30)),
        MouseDown(at=Point(x=300, y=300)),
        MouseUp(at=Point(x=500, y=340)),
        KeyDown(key="shift"),
        KeyUp(key="shift"),
        Wait(seconds=2),
        Click(at=Point(x=1279, y=799), button="right", holding=("ctrl",)),
        Scroll(dx=-3),
        Type(text=HOSTILE),
    ):
        log.decide("try something else", action, seconds=0.5)
        log.do(action)
    log.judge("the greeting", 1, "Dear Ada", "Dear Ada")
    log.judge("the date", 0, "2 March 2026", f"there is no date, but {HOSTILE}")
    log.end("out_of_budget", 0.0, "10 steps used")
    log.save()


def breaks(folder: Path) -> None:
    """An agent's fault, a desktop's that was tried again, a task's, one stopped, and one cut off in a line."""
    log = start(folder, "mail", "Draft a mail", minute=2)
    log.decide("open the mail program", Click(at=Point(x=30, y=780)), seconds=0.7)
    log.do(Click(at=Point(x=30, y=780)))
    log.end("agent_fault", 0.0, "the model's reply could not be read: 'hm'")
    log.save()

    log = start(folder, "picture", "Scale the picture", minute=3)
    log.decide("open it", Click(at=Point(x=300, y=300)))
    log.say(Acted(step=1, action=Click(at=Point(x=300, y=300))))
    log.end("desktop_fault", None, "the desktop no longer answers: exit code 137, out of memory")
    log.save()

    log = start(folder, "picture", "Scale the picture", name="picture-s0-r0-2", solution=2, minute=4)
    log.decide("open it", Click(at=Point(x=300, y=300)), Press(keys=("enter",)))
    log.do(Click(at=Point(x=300, y=300)))
    log.do(Press(keys=("enter",)))
    log.do(Press(keys=("escape",)))
    log.decide("done", Finish())
    log.judge("the picture's size", 1, "640x480", "640x480")
    log.end("finished", 1.0, claim="done")
    log.save()

    log = start(folder, "archive", "Pack the folder", minute=5)
    log.end("task_fault", None, "golden/archive@1: check raised KeyError('x')")
    log.save()

    log = start(folder, "clip", "Take a snapshot", minute=6)
    log.end("stopped", None, "stopped by hand")
    log.save()


def build(folder: Path) -> Path:
    """The whole run, in a folder that must not exist. Returns the folder."""
    (folder / "frames").mkdir(parents=True)
    run = Run(
        format=1,
        id="golden",
        utc="2026-03-02T09:00:00Z",
        handeye="0.1.0",
        suite="golden",
        agent="made",
        desktop="fake",
        seeds=(0,),
        repeats=1,
        tasks=tuple(
            f"golden/{name}@1" for name in ("archive", "budget", "clip", "letter", "mail", "menu", "picture")
        ),
        jobs=1,
        size=SIZE,
        options={},
    )
    (folder / "run.json").write_bytes(msgspec.json.format(msgspec.json.encode(run)))
    passes(folder)
    fails(folder)
    breaks(folder)
    return folder
