"""Text read off a picture, by the real reader: needs the extra `ocr`."""

from __future__ import annotations

from pathlib import Path

from chores import chore, scene
from scripted import FINISH, Model, play, step

from agent.backends.marks import marks
from agent.codecs.grounders import gta1
from agent.native import Native
from agent.reading import reader
from envs.fake import FakeDesktop
from envs.types import Click, Size

SCREEN = Size(width=960, height=600)


def test_words_are_found_where_they_are_drawn() -> None:
    desktop = FakeDesktop(SCREEN)
    png = desktop.reset(scene()).png
    found = {line.name: line.box for line in reader()(png)}
    drawn = {node.name: node.box for node in desktop.probe.tree() if node.name == "Save" and node.box}
    assert "list.txt - Editor" in found
    assert drawn["Save"].holds(found["Save"].centre)
    assert found["Save"].width < 60


def test_a_button_is_clicked_by_what_is_read_on_it(tmp_path: Path) -> None:
    def save(words: str) -> dict:
        number = next(line.split("]")[0][1:] for line in words.splitlines() if line.endswith('] text "Save"'))
        return step({"action": "click", "target": int(number)})

    says = [step({"action": "type", "text": "milk"}), save, step(FINISH)]
    agent = marks(Native(Model(says, "planner"), gta1(), name="planner"), source="text")
    record = play(tmp_path, chore("milk"), agent, FakeDesktop(SCREEN))
    assert record.ended.score == 1.0
    assert isinstance(record.acted[1], Click)
    assert agent.wants == ()


def test_an_empty_screen_says_nothing() -> None:
    from agent.looking import grey

    assert reader()(grey(SCREEN).png) == ()
