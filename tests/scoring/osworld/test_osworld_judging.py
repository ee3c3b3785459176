"""How OSWorld makes one number of several metrics, and what is said beside it: nothing here starts a process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from guests import Guest

from envs.errors import TaskFault
from scoring.osworld import Judgement, defects, evaluate, judge, obstacles, parse
from scoring.osworld.inside import ours
from scoring.osworld.wire import Missing, Outcome, Part, Raised, Value

GONE = Missing()


def listed(conj: str | None, count: int = 2) -> dict[str, Any]:
    evaluator: dict[str, Any] = {
        "func": ["exact_match"] * count,
        "result": [{"type": "vm_file", "path": f"/{n}", "dest": str(n)} for n in range(count)],
        "expected": [{"type": "rule", "rules": {}}] * count,
    }
    return evaluator if conj is None else {**evaluator, "conj": conj}


class Measured:
    """Gives outcomes in turn and remembers which parts were asked for."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._left = list(outcomes)
        self.parts: list[Part] = []

    def __call__(self, part: Part) -> Outcome:
        self.parts.append(part)
        return self._left.pop(0)


def judged(
    evaluator: dict[str, Any], *outcomes: Outcome, failed: bool = False, corrected: bool = False
) -> tuple[Judgement, Measured]:
    measure = Measured(outcomes)
    return judge(parse(evaluator), failed=failed, measure=measure, corrected=corrected), measure


SINGLE = {"func": "exact_match", "result": {"type": "vm_file", "path": "/a", "dest": "a"}}


@pytest.mark.parametrize(
    ("evaluator", "outcomes", "value", "asked"),
    [
        pytest.param(SINGLE, (Value(1.0),), 1.0, 1, id="one metric, met"),
        pytest.param(SINGLE, (Value(0.25),), 0.25, 1, id="one metric, in part"),
        pytest.param(SINGLE, (GONE,), 0.0, 1, id="one metric, its file missing"),
        pytest.param(listed("and"), (Value(1.0), Value(1.0)), 1.0, 2, id="and, both met"),
        pytest.param(listed("and"), (Value(1.0), Value(0.5)), 0.75, 2, id="and, the mean of parts"),
        pytest.param(listed(None), (Value(0.0),), 0.0, 1, id="and where nothing is said, ends at the first zero"),
        pytest.param(listed("and"), (GONE,), 0.0, 1, id="and, ends at the first missing file"),
        pytest.param(listed("or"), (Value(1.0),), 1.0, 1, id="or, ends at the first met"),
        pytest.param(listed("or"), (Value(0.0), Value(1.0)), 1.0, 2, id="or, the second met"),
        pytest.param(listed("or"), (Value(0.2), Value(0.7)), 0.7, 2, id="or, the most of parts"),
        pytest.param(listed("or", 1), (Value(0.0),), 0.0, 1, id="a list of one"),
        pytest.param(
            listed("or"), (Value(0.0), GONE, Value(1.0)), 1.0, 3, id="or, the second missing: the first again"
        ),
    ],
)
def test_metrics_make_one_number_as_in_osworld(
    evaluator: dict[str, Any], outcomes: tuple[Outcome, ...], value: float, asked: int
) -> None:
    judgement, measure = judged(evaluator, *outcomes)
    assert (judgement.value, judgement.trouble, len(measure.parts)) == (value, "", asked)


@pytest.mark.parametrize(
    ("func", "failed", "value"),
    [
        pytest.param("infeasible", True, 1.0, id="infeasible and said so"),
        pytest.param("infeasible", False, 0.0, id="infeasible and claimed done"),
        pytest.param("exact_match", True, 0.0, id="feasible and given up"),
    ],
)
def test_the_word_fail_settles_it_before_any_metric(func: str, failed: bool, value: float) -> None:
    judgement, measure = judged({**SINGLE, "func": func}, failed=failed)
    assert (judgement.value, measure.parts) == (value, [])
    assert evaluate({**SINGLE, "func": func}, Guest(), failed=failed) == judgement


def test_a_missing_first_alternative_leaves_nothing_to_judge_unless_corrected() -> None:
    plain, asked = judged(listed("or"), GONE)
    assert plain.score == 0.0
    assert "UnboundLocalError" in plain.trouble
    assert plain.defects == (defects.UNBOUND,)
    assert len(asked.parts) == 1
    corrected, _ = judged(listed("or"), GONE, Value(1.0), corrected=True)
    assert (corrected.score, corrected.trouble) == (1.0, "")


def test_a_missing_later_alternative_is_judged_by_the_result_before_it() -> None:
    _, measure = judged(listed("or"), Value(0.0), GONE, Value(0.5))
    assert [part.again for part in measure.parts] == [False, False, True]
    assert measure.parts[2].result == measure.parts[1].result


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        pytest.param(Raised("ValueError: no"), "exact_match raised ValueError: no", id="raises"),
        pytest.param(Value(None), "exact_match gave no number", id="gives nothing"),
        pytest.param(Value(float("inf")), "exact_match gave no number", id="gives no finite number"),
    ],
)
@pytest.mark.parametrize("evaluator", [SINGLE, listed("and")], ids=["alone", "in a list"])
def test_a_metric_without_a_number_is_worth_nothing_and_says_so(
    evaluator: dict[str, Any], outcome: Outcome, said: str
) -> None:
    judgement, _ = judged(evaluator, outcome)
    assert (judgement.score, judgement.trouble) == (0.0, said)
    assert said in judgement.verdict().actual


def test_a_number_beyond_one_keeps_its_value_and_scores_one() -> None:
    judgement, _ = judged(SINGLE, Value(1.5))
    assert (judgement.value, judgement.score, judgement.verdict().met) == (1.5, 1.0, True)


def test_a_verdict_names_the_defects_that_bear_on_it() -> None:
    judgement, _ = judged({**SINGLE, "func": "check_thunderbird_folder"}, Value(1.0))
    assert judgement.defects == ("folder-always-passes",)
    assert "known defect: folder-always-passes" in judgement.verdict().actual
    assert judged(SINGLE, Value(1.0))[0].defects == ()


def test_every_correction_is_of_a_listed_defect_that_says_what_is_done() -> None:
    told = {name for defect in defects.known().values() if defect.correction for name in defect.of}
    assert told == set(ours.CORRECTED)
    assert defects.UNBOUND in defects.known()


def test_a_task_is_never_changed_by_reading_it() -> None:
    evaluator = listed("and")
    read = parse(evaluator)
    evaluator["result"][0]["path"] = "elsewhere"
    assert isinstance(read.parts[0].result, dict)
    assert read.parts[0].result["path"] == "/0"


@pytest.mark.parametrize(
    ("options", "expected", "takes"),
    [
        pytest.param(None, {}, False, id="an empty expectation is none"),
        pytest.param({}, {"type": "rule", "rules": {}}, True, id="a rule without anything is one"),
    ],
)
def test_the_metric_is_given_what_is_expected_only_where_something_is(
    options: dict[str, Any] | None, expected: dict[str, Any], takes: bool
) -> None:
    (part,) = parse({**SINGLE, "expected": expected, "options": options}).parts
    assert (part.expects, part.options) == (takes, {})


@pytest.mark.parametrize(
    ("evaluator", "said"),
    [
        pytest.param({"func": None}, "a name or a list of names", id="no metric"),
        pytest.param({**listed("and"), "result": [{}]}, "a list of 2 for 'result'", id="a result too few"),
        pytest.param({**SINGLE, "func": "compare_image_text"}, "easyocr is left out", id="needs a reader of text"),
        pytest.param(
            {**SINGLE, "expected": {"type": "cloud_file", "path": "http://x/a", "dest": "gold.png"}},
            "needs gold.png",
            id="an asset that was not given",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_the_tasks_fault(evaluator: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskFault, match=said):
        evaluate(evaluator, Guest(), failed=False)


def test_reasons_are_given_by_function() -> None:
    evaluator = parse({**SINGLE, "result": {"type": "open_tabs_info"}})
    assert obstacles(evaluator) == ("get_open_tabs_info: it drives the browser on live web pages",)
    assert obstacles(parse(SINGLE)) == ()
