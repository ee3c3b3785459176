"""What the agent, the desktop and the log say to each other: one definition for API, wire and record.

Points are whole pixels of the screen, origin top-left, x to the right, y down. Times are seconds.
`None` means absent and nothing else. Every struct is frozen and closed: an unknown field is an error on
both sides of the wire.

msgspec rather than pydantic: a desktop's server must be up some 100 ms after it is asked for, and importing
and building these types costs 20 ms instead of 100 (measured, Python 3.13); it validates as strictly.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, dataclass_transform

import msgspec

Button = Literal["left", "middle", "right", "back", "forward"]
Claim = Literal["done", "failed", "infeasible"]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=600)]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Frozen, closed data: what every type on the wire and in the log is."""


class Size(Closed):
    """Width and height in pixels."""

    width: Annotated[int, msgspec.Meta(ge=1, le=16384)]
    height: Annotated[int, msgspec.Meta(ge=1, le=16384)]


class Point(Closed):
    """A pixel of the screen. May lie outside it: the desktop refuses those, see `Refused`."""

    x: int
    y: int


class Rect(Closed):
    """A box on the screen: its top-left pixel, and its extent in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> Point:
        """The middle pixel, rounded down."""
        return Point(x=self.x + self.width // 2, y=self.y + self.height // 2)

    def holds(self, point: Point) -> bool:
        """Whether the pixel lies inside."""
        return self.x <= point.x < self.x + self.width and self.y <= point.y < self.y + self.height


SCREEN = Size(width=1920, height=1080)


class Act(Closed, tag_field="kind", tag=str.lower):
    """One thing done with mouse or keyboard, or the word that it is over. See `Action` for the union."""


class Click(Act):
    """Press and release `button` `count` times at `at` (None: where the pointer is), while `holding` keys."""

    at: Point | None = None
    button: Button = "left"
    count: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1
    holding: tuple[str, ...] = ()


class Move(Act):
    """Put the pointer at `at`."""

    at: Point


class Drag(Act):
    """Press at the first point of `path`, pass through the rest, release at the last.

    A path of one point starts where the pointer is.
    """

    path: Annotated[tuple[Point, ...], msgspec.Meta(min_length=1, max_length=512)]
    button: Button = "left"
    holding: tuple[str, ...] = ()


class Scroll(Act):
    """Turn the wheel at `at` (None: where the pointer is) by whole clicks: +dy is down, +dx is right."""

    at: Point | None = None
    dx: Annotated[int, msgspec.Meta(ge=-100, le=100)] = 0
    dy: Annotated[int, msgspec.Meta(ge=-100, le=100)] = 0
    holding: tuple[str, ...] = ()


class Type(Act):
    """Type `text`, any Unicode, into whatever has the focus. A newline is Enter, a tab is Tab."""

    text: Annotated[str, msgspec.Meta(max_length=20_000)]


class Press(Act):
    """Press `keys` in order, hold them for `seconds`, release them in reverse. Names: `envs.keys`."""

    keys: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=8)]
    seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0


class MouseDown(Act):
    """Press `button` at `at` (None: where the pointer is) and leave it down."""

    at: Point | None = None
    button: Button = "left"


class MouseUp(Act):
    """Release `button` at `at` (None: where the pointer is)."""

    at: Point | None = None
    button: Button = "left"


class KeyDown(Act):
    """Press one key and leave it down."""

    key: str


class KeyUp(Act):
    """Release one key."""

    key: str


class Wait(Act):
    """Do nothing for `seconds`, then look."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 1.0


class Finish(Act):
    """End the episode. `answer` is what a task that asks a question is answered with."""

    claim: Claim = "done"
    answer: str = ""


Action: TypeAlias = (
    Click | Move | Drag | Scroll | Type | Press | MouseDown | MouseUp | KeyDown | KeyUp | Wait | Finish
)


class Took(Closed):
    """Where the time of one step went, in seconds, measured inside the desktop.

    `act` is synthesising the input, `settle` waiting for the screen to come to rest, `look` taking the picture.
    """

    act: float = 0.0
    settle: float = 0.0
    look: float = 0.0


class Node(Closed):
    """A node of the accessibility tree, in document order. The tree is a flat list: `parent` is an index into it.

    `box` is on the screen; None when the node has no extent. `states` are AT-SPI's names in lower case with
    dashes (`showing`, `focused`, `checked`); `text` is the node's own text content, if it has the interface.
    """

    role: str
    name: str = ""
    states: tuple[str, ...] = ()
    box: Rect | None = None
    parent: int = -1
    text: str = ""
    value: float | None = None
    app: str = ""

    @property
    def showing(self) -> bool:
        """Whether the toolkit says that it is on the screen."""
        return "showing" in self.states


class HitTest(Closed):
    """The accessibility tree, and which node is found at places inside some of its nodes.

    `hits` maps a node's index to the indices of the nodes that its application names at each of `inside(box)`, by
    AT-SPI's own hit-test; -1 where it names none that is in the tree. Nodes too small, or not showing, are not asked.
    """

    nodes: tuple[Node, ...]
    hits: dict[int, tuple[int, ...]]


def inside(box: Rect) -> tuple[Point, ...]:
    """The middle of a box, and the four points halfway from it to the corners."""
    left, right = box.x + box.width // 4, box.x + box.width - 1 - box.width // 4
    top, bottom = box.y + box.height // 4, box.y + box.height - 1 - box.height // 4
    corners = ((left, top), (right, top), (left, bottom), (right, bottom))
    return (box.centre, *(Point(x=x, y=y) for x, y in corners))


class Observation(Closed):
    """What an agent sees: a lossless picture of the whole screen with the pointer drawn in. Nothing privileged.

    `settled` is False when the screen was still changing at the deadline. `refused` says why the last action
    was not carried out, and is empty when it was.
    """

    png: bytes
    size: Size
    settled: bool = True
    refused: str = ""
    took: Took = Took()
    carried: int = 0
    """How many of the last decision's actions were carried out; set by the loop."""
    elements: tuple[Node, ...] = ()
    """The accessibility tree, only for an agent whose `wants` says so; set by the loop."""


class Called(Closed):
    """One call of a model, as the record keeps it. Seconds are wall time, `waited` of them not spent on the model.

    `part` says which of a composite's models it was. `problem` is why its reply could not be carried out, `repaired`
    what had to be put right first, `dropped` how many further actions were left out, `notes` whatever else happened.
    """

    model: str
    part: str = ""
    seconds: float = 0.0
    waited: float = 0.0
    tries: int = 1
    stop: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = None
    pictures: int = 0
    picture_bytes: int = 0
    problem: str = ""
    repaired: tuple[str, ...] = ()
    dropped: int = 0
    notes: tuple[str, ...] = ()
    raw: str = ""
    """The reply as it came, without keys and pictures."""


class Card(Closed):
    """What a model is and where it runs: recorded with every run, so that a score says whose it is.

    `weights` are open or closed, `scaffold` what is around the model (`native`, or a composite's name), `endpoint`
    where pictures are sent: a base URL without a key, or empty when nothing leaves the process.
    """

    model: str
    role: str = ""
    family: str = ""
    weights: Literal["open", "closed", "unknown", "none"] = "unknown"
    licence: str = ""
    scaffold: str = "native"
    endpoint: str = ""
    source: str = ""
    can: tuple[str, ...] = ()
    space: str = ""
    """How it counts on a picture: `pixels of 1932x1092 (smart resize, 28)`, `0-1000`, `0-1`."""


class Served(Closed):
    """What an endpoint says of itself and of the model, asked before any desktop starts."""

    endpoint: str
    """Base URL, without a key."""
    model: str
    models: tuple[str, ...] = ()
    """What else it serves, where it tells."""
    tool: str = ""
    """The computer tool that will be used: `computer_toolset_20260801`, `computer`, or empty."""
    context: int | None = None
    most_pictures: int | None = None
    notes: tuple[str, ...] = ()


class Window(Closed):
    """A top-level window as the window manager lists it. `box` is the client area with its frame."""

    id: int
    title: str
    app: str
    """The class part of WM_CLASS, e.g. `Mousepad` or `libreoffice-calc`."""
    box: Rect
    focused: bool = False
    pid: int = 0


class Ran(Closed):
    """How a command inside the desktop ended."""

    code: int
    stdout: bytes = b""
    stderr: bytes = b""


class Entry(Closed):
    """A file inside the desktop, as `Probe.files` lists it. `mtime` is seconds since the epoch."""

    path: str
    size: int
    mtime: float
    kind: Literal["file", "folder", "link", "other"] = "file"


class Put(Closed):
    """A file that a scene places, owned by the desktop's user. `path` is absolute."""

    path: str
    data: bytes
    mode: int = 0o644
    mtime: float | None = None


class Launch(Closed):
    """A program that a scene starts as the desktop's user, and the window it must open.

    `window` is a regular expression searched in window titles; empty: do not wait for one.
    """

    argv: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    window: str = ""
    deadline: Seconds = 60.0
    maximised: bool = False


class Site(Closed):
    """A web site served inside the desktop at `http://HOST/`, out of the desktop user's reach.

    `pages` maps a path (`/`, `/order`) to its bytes; the type follows the path's ending, HTML without one.
    A POST to a path is recorded (`Probe.posts`) and answered with the page `PATH:sent` if there is one.
    """

    host: str
    pages: dict[str, bytes]


class Scene(Closed):
    """The state an episode starts from: placed on a fresh desktop, in this order."""

    sites: tuple[Site, ...] = ()
    files: tuple[Put, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    """Run to completion as the desktop's user; a non-zero exit is a TaskFault."""
    open: tuple[Launch, ...] = ()
    clock: str = ""
    """The desktop's wall clock at the start, as `2026-03-02 09:00:00` (UTC). Empty: the image's own default."""


class Post(Closed):
    """A form that was sent to a `Site`: the fields in order, as the browser sent them."""

    path: str
    fields: tuple[tuple[str, str], ...]


class About(Closed):
    """What a desktop is: goes into the record of every run."""

    kind: str
    image: str
    """Content digest of the root filesystem; `fake` for the fake."""
    code: str
    """Digest of the server's code that answers."""
    size: Size
