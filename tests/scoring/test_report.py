"""The report: for the terminal, for programs and for readers, the same each time it is made."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
from golden import HOSTILE
from msgspec.structs import replace
from rich.console import Console

from envs.errors import BadInput
from envs.types import Card, Size
from scoring import report
from scoring.calibrated import Calibration


def test_made_again_it_is_the_same_to_the_byte(run: Path) -> None:
    first = {path.name: path.read_bytes() for path in report.write(run, report.build(run))}
    again = {path.name: path.read_bytes() for path in report.write(run, report.build(run))}
    assert first == again
    assert set(first) == {"report.json", "report.md", "report.html"}


def test_a_program_reads_the_numbers_that_people_see(run: Path) -> None:
    made = report.build(run)
    read = json.loads(report.encode(made))
    assert read["numbers"]["success"]["value"] == made.numbers.success.value == 0.5
    assert read["planned"] == 7
    assert read["missing"] == 1
    assert read["numbers"]["counts"]["superseded"] == 1


def test_what_was_not_measured_is_null_for_programs_and_a_dash_for_people(run: Path) -> None:
    for log in run.glob("episodes/[!a]*/events.jsonl"):
        log.unlink()
    made = report.build(run)
    assert math.isnan(made.numbers.success.value)
    assert json.loads(report.encode(made))["numbers"]["success"]["value"] is None
    assert "| success | – |" in report.markdown(made)


@pytest.mark.parametrize("width", [60, 120])
def test_the_terminal_shows_what_an_agent_said_as_text(run: Path, width: int) -> None:
    out = io.StringIO()
    report.show(report.build(run), Console(file=out, width=width))
    text = out.getvalue()
    assert "failed by the agent" in text
    assert "50 % (15 to 85 %, n=4)" in text
    assert max(map(len, text.splitlines())) <= width


def test_markup_in_a_verdict_is_escaped(run: Path) -> None:
    made = report.build(run)
    assert HOSTILE in next(episode.why for episode in made.episodes if episode.task == "golden/letter@1")
    assert "<script>" not in report.page(made)
    assert "<script>" not in report.markdown(made).replace("\\<script\\>", "")


def test_whose_models_they_were_is_said_where_there_were_any(run: Path) -> None:
    made = report.build(run)
    assert "Models" not in [sheet.title for sheet in report.sheets(made)]
    card = Card(model="qwen3-vl-8b", family="qwen3vl", weights="open", licence="Apache-2.0", endpoint="http://h/v1")
    found = Calibration(
        model="qwen3-vl-8b", size=Size(width=9, height=9), verdict="unsure", points=(), found=0, cause="why"
    )
    told = replace(made, run=replace(made.run, cards=(card,), calibration=(found,)))
    sheet = next(sheet for sheet in report.sheets(told) if sheet.title == "Models")
    assert sheet.rows == (("native", "qwen3-vl-8b", "qwen3vl", "open, Apache-2.0", "http://h/v1"),)
    assert sheet.note == "qwen3-vl-8b: calibration unsure: why."


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a run"):
        report.build(tmp_path)


@pytest.mark.parametrize(
    ("span", "said"),
    [(0.0042, "4.2 ms"), (0.48, "480 ms"), (12.34, "12.3 s"), (245.2, "4 min 05 s"), (math.nan, "–")],
)
def test_spans_are_said_for_people(span: float, said: str) -> None:
    assert report.seconds(span) == said
