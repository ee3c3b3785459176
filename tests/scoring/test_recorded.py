"""A run recorded on the real desktop stays readable, and all that is derived from it can be made again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import av
import pytest

from scoring import report
from scoring.metrics import current, passed
from scoring.replay import plan, render
from scoring.story import Story, frames, read
from scoring.viewer import export

RECORDED = Path(__file__).parent.parent / "golden" / "notes"


@pytest.fixture
def story() -> Story:
    (story,) = read(RECORDED)[1]
    return story


def test_its_numbers_are_what_they_were() -> None:
    made = report.build(RECORDED).numbers
    assert (made.counts.judged, made.counts.passed, made.counts.void) == (1, 1, 0)
    assert made.steps.all.median == 15
    assert made.steps.against_solution.median == 1.0
    assert made.latency.settle.count == 15
    assert 0.3 <= made.latency.settle.median < 0.5


def test_its_seconds_are_accounted_for(story: Story) -> None:
    for turn in story.turns:
        if turn.after is not None:
            split = turn.split
            parts = split.model + split.act + split.settle + split.look + split.harness
            assert parts == pytest.approx(turn.ended - turn.began, abs=1e-5)
            assert split.harness < 0.1


def test_its_pictures_are_named_by_their_content(story: Story) -> None:
    assert len(list(frames(story))) > 10
    for frame in frames(story):
        assert hashlib.sha256((RECORDED / "frames" / f"{frame}.png").read_bytes()).hexdigest() == frame


def test_what_is_derived_from_it_can_be_deleted_and_made_again(tmp_path: Path, story: Story) -> None:
    run = Path(shutil.copytree(RECORDED, tmp_path / "run"))
    first = [path.read_bytes() for path in report.write(run, report.build(run))]
    page = export(run, tmp_path / "one").read_bytes()
    film = (run / "videos" / f"{story.name}.mp4").read_bytes()
    shutil.rmtree(run)
    shutil.copytree(RECORDED, run)
    assert [path.read_bytes() for path in report.write(run, report.build(run))] == first
    assert export(run, tmp_path / "two").read_bytes() == page
    assert (run / "videos" / f"{story.name}.mp4").read_bytes() == film


def test_its_film_can_be_played(tmp_path: Path, story: Story) -> None:
    with av.open(str(render(RECORDED, story, tmp_path / "film.mp4"))) as container:
        last = [frame.time for frame in container.decode(video=0)][-1]
    assert last == pytest.approx(plan(story)[-1].end, abs=0.002)


def test_it_passed_by_every_check(story: Story) -> None:
    assert passed(story)
    assert {verdict.check for verdict in story.finals} == set(story.started.checks)
    assert current([story, story]) == [story]
    assert json.loads(report.encode(report.build(RECORDED)))["episodes"][0]["outcome"] == "judged"
