"""Our one number of several metrics against that of the release's own `DesktopEnv.evaluate`, from its source."""

from __future__ import annotations

import ast
import itertools
import json
import logging
import typing
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from scoring.osworld import judge, parse, ready
from scoring.osworld.wire import Missing, Outcome, Part, Raised, Value

pytestmark = pytest.mark.slow

OUTCOMES = (0, 1, 0.5, True, False, None, "gone", "raises")


def metric(result: Any, expected: Any = None, **options: Any) -> Any:
    if result == "raises":
        raise ValueError(result)
    return result


def get_what(env: Any, config: dict[str, Any]) -> Any:
    if config["is"] == "gone":
        raise FileNotFoundError(config)
    return config["is"]


@pytest.fixture(scope="module")
def theirs() -> Callable[[dict[str, Any], bool], float | str]:
    """The release's evaluation: a number, or the word that it raised."""
    path = ready().packages / "desktop_env" / "desktop_env.py"
    (env,) = (
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == "DesktopEnv"
    )
    wanted = {"_set_evaluator_info", "evaluate"}
    functions: list[ast.stmt] = [n for n in env.body if isinstance(n, ast.FunctionDef) and n.name in wanted]
    quiet = logging.getLogger("released")
    quiet.disabled = True
    space: dict[str, Any] = {
        **vars(typing),
        "Metric": object,
        "Getter": object,
        "logger": quiet,
        "metrics": SimpleNamespace(metric=metric, infeasible=metric),
        "getters": SimpleNamespace(get_what=get_what),
    }
    exec(compile(ast.Module(functions, []), str(path), "exec"), space)

    def evaluate(evaluator: dict[str, Any], failed: bool) -> float | str:
        setup = SimpleNamespace(setup=lambda *_: True)
        history = ["FAIL" if failed else "DONE"]
        self = SimpleNamespace(setup_controller=setup, enable_proxy=False, action_history=history)
        space["_set_evaluator_info"](self, {"evaluator": json.loads(json.dumps(evaluator))})
        try:
            return float(space["evaluate"](self))
        except (ValueError, TypeError, UnboundLocalError):
            return "raised"

    return evaluate


def ours(evaluator: dict[str, Any], failed: bool) -> float | str:
    last: list[Any] = []

    def measure(part: Part) -> Outcome:
        if not part.again:
            try:
                last[:] = [get_what(None, typing.cast(dict[str, Any], part.result))]
            except FileNotFoundError:
                return Missing()
        try:
            value = metric(last[0])
        except ValueError as err:
            return Raised(repr(err))
        return Value(None if value is None else float(value))

    judgement = judge(parse(evaluator), failed=failed, measure=measure)
    return "raised" if judgement.trouble else judgement.value


def evaluators() -> Iterator[dict[str, Any]]:
    yield {"func": "infeasible"}
    what: dict[str, Any] = {"type": "what", "is": 1}
    for outcome in OUTCOMES:
        for expected in ({}, {"expected": {}}, {"expected": what}):
            yield {"func": "metric", "result": {**what, "is": outcome}, **expected}
    for count in (1, 2, 3):
        for outcomes in itertools.product(OUTCOMES, repeat=count):
            for conj in ({}, {"conj": "and"}, {"conj": "or"}):
                results = [{**what, "is": outcome} for outcome in outcomes]
                yield {"func": ["metric"] * count, "result": results, "expected": [what] * count, **conj}


@pytest.mark.parametrize("failed", [False, True], ids=["done", "given up"])
def test_one_number_of_several_is_what_the_release_makes_of_them(
    theirs: Callable[[dict[str, Any], bool], float | str], failed: bool
) -> None:
    cases = list(evaluators())
    assert [(case, ours(case, failed)) for case in cases] == [(case, theirs(case, failed)) for case in cases]
    assert len({theirs(case, False) for case in cases}) > 5
