"""Every figure of the measurement against numbers that were worked out apart from it, to their printed digits.

A block of `golden/measurement.json` holds an input and the output for it. Numbers are rounded to six decimals, unless
the case says otherwise (`to`); a case must give all that its block prints, and every block has one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import measured_gap
import measured_practice
import measured_statistics
import pytest
from measured import CASES, same

CASE_FILES = (measured_gap, measured_practice, measured_statistics)
BLOCKS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "golden" / "measurement.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", BLOCKS)
def test_it_comes_out_to_the_printed_digits(name: str) -> None:
    same(CASES[name](BLOCKS[name]["input"]), BLOCKS[name]["output"], name)


def test_every_block_has_a_case_and_every_case_a_block() -> None:
    assert len(BLOCKS) == 51
    assert set(CASES) == set(BLOCKS)


@pytest.mark.parametrize("wrong", [{"a": 0.123457, "b": 1}, {"a": 0.123456}, {"a": 0.123456, "b": 1, "c": 0}])
def test_a_wrong_digit_a_missing_and_an_extra_number_are_noticed(wrong: dict[str, float]) -> None:
    with pytest.raises(AssertionError):
        same(wrong, {"a": 0.123456, "b": 1}, "here")
