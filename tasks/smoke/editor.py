"""`setting`: Mousepad is set up for a house style of Python, and nothing else about it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Node, Point, Put, Scene
from scoring.checks import FileIs, Finding, StateCheck
from scoring.documents import Unfit
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, centre, click, click_at, find, gone, keys, menu, nodes, route, window, write

SCHEMA = "org.xfce.mousepad.preferences.view"
BEFORE: Mapping[str, str] = {
    "auto-indent": "true",
    "highlight-current-line": "true",
    "insert-spaces": "false",
    "match-braces": "false",
    "show-line-endings": "false",
    "show-line-numbers": "false",
    "show-right-margin": "false",
    "show-whitespace": "false",
    "smart-backspace": "false",
    "word-wrap": "true",
}
"""How Mousepad is set up at the start."""


@dataclass(frozen=True)
class Settings(StateCheck):
    """These settings of a GSettings schema have these values, as `gsettings` prints them without their type."""

    schema: str
    values: Mapping[str, str] = field(hash=False)

    @property
    def expected(self) -> str:
        """Each key with its value."""
        return f"{self.schema}: {', '.join(f'{key} = {value}' for key, value in sorted(self.values.items()))}"

    def find(self, probe: Probe) -> Finding:
        """Read all keys of the schema, set or not, from the user's database."""
        ran = probe.run("gsettings", "list-recursively", self.schema)
        if ran.code != 0:
            raise Unfit(f"gsettings ended with {ran.code}: {ran.stderr.decode(errors='replace').strip()}")
        held: dict[str, str] = {}
        for line in ran.stdout.decode(errors="replace").splitlines():
            schema, key, value = line.split(" ", 2)
            if schema == self.schema:
                held[key] = value.rpartition(" ")[2] if value.startswith("uint32 ") else value
        found = {key: held.get(key, "missing") for key in self.values}
        return found == dict(self.values), ", ".join(f"{key} = {value}" for key, value in sorted(found.items()))


@dataclass(frozen=True)
class Style:
    """How Mousepad shall be set up."""

    project: str
    path: str
    """The file that is open."""
    text: str = field(repr=False)
    tab: int
    margin: int

    def asked(self) -> dict[str, str]:
        """The settings that are asked for."""
        return {
            "insert-spaces": "true",
            "right-margin-position": str(self.margin),
            "show-line-numbers": "true",
            "show-right-margin": "true",
            "tab-width": str(self.tab),
        }

    def kept(self) -> dict[str, str]:
        """The settings that must not change."""
        return {key: value for key, value in BEFORE.items() if key not in self.asked()}


TEXT = '''"""What {project} counts."""

FIRST = {first}
SECOND = {second}


def both() -> int:
    return FIRST + SECOND
'''
PROJECTS = ("tides", "ledger", "orchard", "timetable", "weather", "lending")


def style(rng: Random) -> Style:
    """A style that differs from `BEFORE` and from Mousepad's own defaults."""
    project = rng.choice(PROJECTS)
    first, second = rng.sample(range(2, 90), 2)
    text = TEXT.format(project=project, first=first, second=second)
    return Style(
        project=project,
        path=f"/home/user/Documents/{project}.py",
        text=text,
        tab=rng.choice((2, 3, 4)),
        margin=rng.choice((72, 76, 79, 88, 96, 100, 110, 120)),
    )


DIALOG = "^Mousepad Preferences"
APP = "[Mm]ousepad"


def preferences(see: Probe) -> Iterator[Step]:
    """The preferences are open."""
    window(see, "- Mousepad")
    yield from menu(see, "Edit", r"Preferences.*", app=APP)
    window(see, DIALOG)


def tick(label: str) -> Play:
    """A box of the page that is shown is clicked."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "check box", label, app=APP)

    return play


def number(label: str, value: int) -> Play:
    """The number field right of the label holds the number."""

    def play(see: Probe) -> Iterator[Step]:
        mark = find(see, "check box|label", label, app=APP)
        yield click_at(_beside(see, mark), intent=f"go to the number of {mark.name!r}")
        yield keys("ctrl+a", intent="select it")
        yield write(f"{value}\t")

    return play


def _beside(see: Probe, mark: Node) -> Point:
    """Where the digits of the number field in the mark's line are: the right part of it are its buttons."""
    at = centre(mark)
    lines = [each.box for each in nodes(see, "spin button", app=APP) if each.box]
    box = next(each for each in lines if each.y <= at.y < each.y + each.height)
    return Point(x=box.x + min(20, box.width // 4), y=box.centre.y)


def page(name: str) -> Play:
    """The preferences show this page."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "page tab", name, app=APP, intent=f"go to the page {name}")

    return play


def spaces(see: Probe) -> Iterator[Step]:
    """The Tab key inserts spaces."""
    yield click(see, "combo box", "Insert Tabs", app=APP, intent="open the tab modes")
    yield click(see, "menu item", "Insert Spaces", app=APP, intent="choose spaces")


def close(see: Probe) -> Iterator[Step]:
    """The preferences are closed."""
    yield keys("Escape", intent="close the preferences")
    gone(see, DIALOG)


def kept(style: Style, *, but: Mapping[str, str] = {}) -> Play:
    """Waits until the settings are written."""
    wanted = Settings("", SCHEMA, {**style.asked(), **but})

    def play(see: Probe) -> Iterator[Step]:
        await_("the settings", lambda: wanted(see, "").met)
        yield from ()

    return play


def by_menus(style: Style) -> Play:
    """What has an item in the menus is set there, the rest in the preferences."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "- Mousepad")
        yield from menu(see, "View", "Line Numbers", app=APP)
        yield from menu(see, "Document", "Tab Size", "Insert Spaces", app=APP)
        yield from menu(see, "Document", "Tab Size", str(style.tab), app=APP)
        yield from route(preferences, tick(MARGIN), number(MARGIN, style.margin), close)(see)

    return play


MARGIN = "Long line margin at column:"
NUMBERS = "Show line numbers"


def setting(rng: Random) -> Task:
    """Mousepad is set up for Python: spaces, their number, line numbers, and a margin."""
    house = style(rng)
    view = route(preferences, tick(NUMBERS), tick(MARGIN), number(MARGIN, house.margin))
    width = number("Tab width:", house.tab)
    return Task(
        id="smoke/setting@1",
        goal=(
            f"'{house.project}.py' is open in Mousepad. Set Mousepad up for the house style of this project: line "
            f"numbers are shown, the long line margin is shown at column {house.margin}, and the Tab key inserts "
            f"spaces, with a tab width of {house.tab}. Leave all other settings as they are, and do not change the "
            "file."
        ),
        checks=(
            Settings("the settings asked for", SCHEMA, house.asked()),
            Settings("the other settings as before", SCHEMA, house.kept()),
            FileIs("the file as before", house.path, house.text, spaces="exact"),
        ),
        scene=Scene(
            files=(Put(path=house.path, data=house.text.encode()),),
            commands=tuple(("gsettings", "set", SCHEMA, key, value) for key, value in BEFORE.items()),
            open=(Launch(argv=("mousepad", house.path), window=house.project, maximised=True),),
        ),
        budget=Budget(steps=60),
        apps=("mousepad",),
        tags=("settings",),
        plan=(
            "open the preferences from the Edit menu",
            f"on the page View tick 'Show line numbers' and '{MARGIN}', and write {house.margin} beside it",
            f"on the page Editor write {house.tab} as tab width and choose 'Insert Spaces' as tab mode",
            "close the preferences",
        ),
        solution=route(view, page("Editor"), width, spaces, close, kept(house)),
        near_misses={
            "tabs, not spaces": route(
                view, page("Editor"), width, close, kept(house, but={"insert-spaces": "false"})
            ),
            "the margin where it was": route(
                preferences,
                tick(NUMBERS),
                tick(MARGIN),
                page("Editor"),
                width,
                spaces,
                close,
                kept(house, but={"right-margin-position": "80"}),
            ),
            "line wrapping lost": route(
                view,
                tick("Wrap long lines"),
                page("Editor"),
                width,
                spaces,
                close,
                kept(house, but={"word-wrap": "false"}),
            ),
            "a tab typed into the file": route(
                view, page("Editor"), width, spaces, close, typed_and_saved(house), kept(house)
            ),
        },
        equivalents={"through the menus": route(by_menus(house), kept(house))},
        milestones=(
            Settings("line numbers shown", SCHEMA, {"show-line-numbers": "true"}),
            Settings("spaces for tabs", SCHEMA, {"insert-spaces": "true", "tab-width": str(house.tab)}),
        ),
    )


def typed_and_saved(style: Style) -> Play:
    """The Tab key is tried out in the file, and the file saved."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "- Mousepad")
        yield write("\t", intent="try the Tab key")
        yield keys("ctrl+s", intent="save")
        await_("another file", lambda: see.read_file(style.path) != style.text.encode())

    return play
