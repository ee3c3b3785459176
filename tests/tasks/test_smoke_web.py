"""The form and the settings: what their checks say of right and wrong states, and that a seed fixes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from random import Random

import pytest

from envs.types import Entry, HitTest, Node, Post, Ran, Window
from scoring.verdict import score
from tasks.base import Task
from tasks.smoke.editor import BEFORE, SCHEMA, Settings, setting, style
from tasks.smoke.web import EXTRAS, HOST, PATH, ROOMS, TIMES, Request, form, request

SEEDS = [str(seed) for seed in range(30)]


@dataclass(frozen=True)
class Machine:
    """A probe over files, settings as `gsettings` prints them, and forms sent."""

    held: Mapping[str, bytes] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    sent: tuple[Post, ...] = ()
    code: int = 0

    def read_file(self, path: str) -> bytes:
        if path not in self.held:
            raise FileNotFoundError(path)
        return self.held[path]

    def files(self, pattern: str) -> tuple[Entry, ...]:
        return ()

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        assert argv == ("gsettings", "list-recursively", SCHEMA)
        lines = [f"{SCHEMA} {key} {value}" for key, value in self.settings.items()]
        lines.append(f"{SCHEMA}.show-whitespace inside true")
        return Ran(code=self.code, stdout="\n".join(lines).encode(), stderr=b"No such schema\n" if self.code else b"")

    def windows(self) -> tuple[Window, ...]:
        return ()

    def tree(self) -> tuple[Node, ...]:
        return ()

    def hit_test(self) -> HitTest:
        raise NotImplementedError

    def posts(self, host: str) -> tuple[Post, ...]:
        return self.sent if host == HOST else ()


def judged(task: Task, machine: Machine) -> float:
    return score([check(machine, "") for check in task.checks])


def sent(*requests: Request, path: str = PATH) -> Machine:
    return Machine(sent=tuple(Post(path=path, fields=each.fields()) for each in requests))


@pytest.mark.parametrize("template", [form, setting], ids=["form", "setting"])
def test_a_seed_fixes_the_goal_and_the_scene(template: Callable[[Random], Task]) -> None:
    one, same, other = (template(Random(seed)) for seed in ("1", "1", "2"))
    assert (one.goal, one.scene) == (same.goal, same.scene)
    assert one.goal != other.goal


@pytest.mark.parametrize("seed", SEEDS)
def test_the_request_that_is_asked_for_is_right_and_nothing_sent_is_not(seed: str) -> None:
    task, asked = form(Random(seed)), request(Random(seed))
    assert judged(task, Machine()) == 0
    assert judged(task, sent(asked)) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_near_requests_differ_from_the_one_asked_for(seed: str) -> None:
    asked = request(Random(seed))
    assert asked.day.day != asked.day.month
    assert asked.room in ROOMS
    assert asked.begins in TIMES
    assert len(asked.extras) == len(EXTRAS) - 1


def test_the_requests_that_only_look_right_are_not() -> None:
    task, asked = form(Random("3")), request(Random("3"))
    fields = asked.fields()
    wrong = {
        "the newsletter too": sent(replace(asked, news=True)),
        "twice": sent(asked, asked),
        "wrong, then right": sent(replace(asked, persons=7), asked),
        "another form": sent(asked, path="/contact"),
        "one field short": Machine(sent=(Post(path=PATH, fields=fields[:-1]),)),
        "one field more": Machine(sent=(Post(path=PATH, fields=(*fields, ("piano", "no"))),)),
        "a field twice": Machine(sent=(Post(path=PATH, fields=(*fields, fields[0])),)),
        "written otherwise": sent(replace(asked, remarks=asked.remarks.rstrip("."))),
        "other seats": sent(replace(asked, seats="rows")),
    }
    assert {name for name, machine in wrong.items() if judged(task, machine)} == set()


def test_a_request_may_hold_space_around_its_values_and_come_in_any_order() -> None:
    task, asked = form(Random("3")), request(Random("3"))
    fields = tuple((name, f" {value}\r\n") for name, value in reversed(asked.fields()))
    assert judged(task, Machine(sent=(Post(path=PATH, fields=fields),))) == 1


class Controls(HTMLParser):
    """The names of a page's form controls."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "select", "textarea"):
            self.names.add(str(dict(attrs)["name"]))


def test_the_page_has_every_field_that_a_request_has_and_no_other() -> None:
    page = form(Random("0")).scene.sites[0].pages["/"]
    whole = replace(request(Random("0")), extras=EXTRAS, news=True)
    assert Controls(page).names == {name for name, _ in whole.fields()}


def printed(seed: str, **changed: str) -> dict[str, str]:
    asked = style(Random(seed)).asked()
    values = {**BEFORE, **asked, **changed}
    return {key: f"uint32 {value}" if value.isdigit() else value for key, value in values.items()}


def machine_of(task: Task, settings: Mapping[str, str], *, more: bytes = b"", code: int = 0) -> Machine:
    return Machine({put.path: put.data + more for put in task.scene.files}, settings, code=code)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_settings_asked_for_are_right_and_those_of_before_are_not(seed: str) -> None:
    task = setting(Random(seed))
    assert judged(task, machine_of(task, BEFORE)) == 0
    assert judged(task, machine_of(task, printed(seed))) == 1


def test_the_settings_that_only_look_right_are_not() -> None:
    task = setting(Random("3"))
    right = printed("3")
    wrong = {
        "tabs": machine_of(task, printed("3", **{"insert-spaces": "false"})),
        "another width": machine_of(task, printed("3", **{"tab-width": "8"})),
        "a margin that is not shown": machine_of(task, printed("3", **{"show-right-margin": "false"})),
        "wrapping lost": machine_of(task, printed("3", **{"word-wrap": "false"})),
        "the file changed": machine_of(task, right, more=b"\n"),
        "no such setting": machine_of(task, {key: right[key] for key in right if key != "tab-width"}),
        "no gsettings": machine_of(task, right, code=1),
    }
    assert {name for name, machine in wrong.items() if judged(task, machine)} == set()


def test_settings_say_what_they_found() -> None:
    check = Settings("them", SCHEMA, {"tab-width": "4", "word-wrap": "true"})
    found = check(Machine(settings={"tab-width": "uint32 8", "word-wrap": "true"}), "")
    assert found.actual == "tab-width = 8, word-wrap = true"
    assert check(Machine(code=1), "").actual == "gsettings ended with 1: No such schema"
