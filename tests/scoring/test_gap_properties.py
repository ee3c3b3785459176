"""What must hold of the gap, its attribution and its place on the way, whatever the numbers are."""

from __future__ import annotations

import math
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import each as once

from scoring import attribution, founding, gap, horizon, teleport

PART = st.floats(0, 1)
GAME = st.integers(1, 4).flatmap(
    lambda n: st.tuples(st.just("GPSV"[:n]), st.lists(PART, min_size=2**n, max_size=2**n))
)


@given(st.floats(-0.5, 0.5), st.floats(1e-4, 0.3), st.floats(0.01, 0.2), st.sampled_from([5.0, 30.0, math.inf]))
def test_a_verdict_turns_round_with_the_sides(difference: float, error: float, margin: float, freedom: float) -> None:
    turned = {
        "behind_material": "ahead_material",
        "ahead_material": "behind_material",
        "non_inferior": "non_superior",
        "non_superior": "non_inferior",
    }
    one, other = gap.parity(difference, error, margin, freedom), gap.parity(-difference, error, margin, freedom)
    assert other.verdict == turned.get(one.verdict, one.verdict)
    assert one.equivalent == (one.p_equivalent < 0.05)
    assert one.interval.low <= one.narrow.low <= difference <= one.narrow.high <= one.interval.high


@pytest.mark.parametrize(("tasks", "verdict"), [(8, "undetermined"), (80, "parity")])
def test_tasks_all_alike_are_parity_only_when_many(tasks: int, verdict: str) -> None:
    first, second = ({task: [1.0, part, 0.0] for task in once([1.0] * tasks)} for part in (1 / 3, 1 / 3 + 1e-3))
    assert gap.parity_by_task(first, first).verdict == verdict
    assert gap.parity_by_task(first, second).verdict == verdict


@given(st.lists(st.tuples(PART, st.lists(PART, min_size=1, max_size=6), PART), min_size=1, max_size=6))
@settings(max_examples=30)
def test_the_parts_of_a_gap_add_up_to_it(tasks: list[tuple[float, list[float], float]]) -> None:
    made = gap.decompose([gap.Rungs(u=u, steps=tuple(steps), control=c) for u, steps, c in tasks])
    for split in (*made.rows, made.mean):
        assert split.knowing_doing + split.compounding + split.closed_loop == pytest.approx(split.total, abs=1e-12)
        assert split.total == pytest.approx(split.u - split.control, abs=1e-12)
        assert split.compounding >= -1e-12


def test_one_unlucky_step_does_not_make_a_product_nothing() -> None:
    made = gap.shrunk({"a": (3, 3), "b": (0, 3), "c": (3, 3)})
    assert 0 < made["b"] < 0.2
    assert 0.9 < made["a"] < 1
    assert math.prod(gap.shrunk({str(step): (3, 3) for step in range(10)}).values()) > 0.95


def test_the_best_is_chosen_on_one_half_and_told_of_the_other() -> None:
    lucky, steady = once([1.0, 0.0, 1.0, 0.0]), once([0.5] * 4)
    assert gap.best_by_half({"steady": steady, "lucky": lucky}) == ("lucky", 0.0)
    with pytest.raises(ValueError, match="both halves"):
        gap.best_by_half({"one": once([1.0])})


@given(st.floats(0.05, 0.999), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_the_chance_a_step_is_found_again(p: float, lengths: list[int]) -> None:
    played = [horizon.Played(length=k, passed=1000 * p**k, runs=1000) for k in lengths]
    made = horizon.per_step(played)
    assert made.p == pytest.approx(p, abs=1e-6)
    assert horizon.compounded(made.p, 1) == pytest.approx(2 ** (-1 / made.half_life))
    assert horizon.per_step_of(p ** lengths[0], lengths[0]) == pytest.approx(p)


@pytest.mark.parametrize(("passed", "p", "half_life"), [(0, 0.0, 0.0), (5, 1.0, math.inf)])
def test_all_failed_and_all_passed_are_the_ends_of_the_scale(passed: int, p: float, half_life: float) -> None:
    made = horizon.per_step([horizon.Played(length=4, passed=passed, runs=5)])
    assert (made.p, made.half_life) == (p, half_life)


def quads(tasks: int, steps: tuple[float, float], seed: int) -> list[founding.Quad]:
    """Two agents that understand alike, and take each step as surely as that."""
    chance = Random(seed)
    made = []
    for _ in range(tasks):
        length = chance.choice([5, 10, 20])
        shares = [sum(chance.random() < p**length for _ in range(3)) / 3 for p in steps]
        u = chance.uniform(0.6, 0.9)
        made.append(founding.Quad(u_open=u, u_closed=u, c_open=shares[0], c_closed=shares[1], length=length, runs=3))
    return made


def test_a_lead_in_control_alone_holds_on_every_scale() -> None:
    made = founding.founding(quads(60, (0.85, 0.98), seed=1))
    assert made.per_step is not None
    assert made.per_step.value == pytest.approx(0.13, abs=0.03)
    assert made.per_step.bootstrap.interval.holds(0.13)
    assert made.per_step.bootstrap.interval.low > 0
    assert made.logit.bootstrap.interval.low > 0
    assert max(made.raw.flip, made.per_step.p, made.logit.p) < 0.01
    assert not made.artefact


def test_equal_agents_differ_on_no_scale() -> None:
    made = founding.founding(quads(12, (0.95, 0.95), seed=3))
    assert made.per_step is not None
    assert min(made.raw.flip, made.per_step.p, made.logit.p) > 0.05
    assert made.raw.interval.holds(0.0)


def test_a_lead_that_is_the_same_in_odds_is_called_an_artefact_of_the_raw_scale() -> None:
    chance = Random(6)
    tasks = []
    for _ in range(40):
        wobble = [chance.uniform(-0.02, 0.02) for _ in range(4)]
        means = [mean + by for mean, by in zip((0.94, 0.975, 0.5, 0.72), wobble, strict=True)]
        tasks.append(founding.Quad(**dict(zip(founding.CORNERS, means, strict=True))))
    made = founding.founding(tasks)
    assert made.raw.interval.low > 0
    assert made.per_step is None
    assert made.artefact
    assert made.extreme


def test_swapping_is_exact_for_few_tasks_and_agrees_with_flips_where_both_apply() -> None:
    tasks = quads(6, (0.9, 0.97), seed=5)
    one_step = [
        founding.Quad(u_open=q.u_open, u_closed=q.u_closed, c_open=q.c_open, c_closed=q.c_closed, length=1, runs=3)
        for q in tasks
    ]
    made = founding.founding(one_step)
    assert made.per_step is not None
    assert made.per_step.p == pytest.approx(made.raw.flip)
    assert made.per_step.value == pytest.approx(made.raw.mean, abs=1e-9)


@given(GAME)
def test_shares_add_up_to_what_all_aids_bring(game: tuple[str, list[float]]) -> None:
    names, values = game
    cells = dict(zip(attribution.subsets(names), values, strict=True))
    made = attribution.attribute(cells)
    assert sum(made.shares.values()) == pytest.approx(made.recovered, abs=1e-12)
    orders = list(permutations(names))
    for name, share in made.shares.items():
        added = [
            cells[frozenset(order[: order.index(name) + 1])] - cells[frozenset(order[: order.index(name)])]
            for order in orders
        ]
        assert share == pytest.approx(sum(added) / len(orders), abs=1e-12)


@given(st.dictionaries(st.sampled_from("GPSV"), st.floats(0.05, 1), min_size=2))
def test_independent_stages_have_no_interaction_in_logarithms(passing: dict[str, float]) -> None:
    logs = attribution.logged(attribution.product_game(passing))
    assert logs is not None
    made = attribution.attribute(logs)
    assert made.shares == pytest.approx({name: -math.log(q) for name, q in passing.items()}, abs=1e-9)
    assert all(abs(value) < 1e-9 for value in made.interactions.values())


def played(aids: dict[str, float], tasks: int, seed: int) -> dict[frozenset[str], dict[str, list[float]]]:
    chance = Random(seed)
    return {
        cell: once([float(chance.random() < value) for _ in range(tasks)])
        for cell, value in attribution.product_game(aids).items()
    }


def test_a_placebo_takes_out_what_any_longer_prompt_does() -> None:
    def passing(*ranges: range) -> dict[str, list[float]]:
        return once([float(any(task in each for each in ranges)) for task in range(60)])

    none, longer, marks = range(30), range(40), range(50, 60)
    cells = {
        frozenset[str](): passing(none),
        frozenset("P"): passing(longer),
        frozenset("G"): passing(none, marks),
        frozenset("GP"): passing(longer, marks),
    }
    made = attribution.attribute_tasks(cells, {"P": passing(longer), "G": passing(none)})
    plan, marked = made.aids["P"], made.aids["G"]
    assert plan.net is not None
    assert marked.net is not None
    assert (plan.share.mean, plan.placebo, plan.net.mean) == pytest.approx((1 / 6, 1 / 6, 0.0))
    assert plan.share.flip < 0.01
    assert plan.net.flip == 1.0
    assert (marked.share.mean, marked.net.mean) == pytest.approx((1 / 6, 1 / 6))
    assert marked.net.bootstrap.interval.low > 0
    assert attribution.attribute_tasks(cells).aids["P"].net is None


def test_missing_cells_and_other_tasks_are_refused() -> None:
    cells = played({"G": 0.5, "P": 0.5}, 5, seed=1)
    with pytest.raises(ValueError, match="missing G"):
        attribution.attribute({cell: 0.5 for cell in cells if cell != frozenset("G")})
    cells[frozenset("G")] = once([1.0] * 4)
    with pytest.raises(ValueError, match="same tasks"):
        attribution.attribute_tasks(cells)


def test_a_cell_without_success_has_no_logarithm() -> None:
    cells = {cell: once([0.0, 0.0]) for cell in attribution.subsets("GP")}
    made = attribution.attribute_tasks(cells)
    assert made.logs is None
    assert math.isnan(made.log_interactions["G+P"].error)
    assert made.log_interactions["G+P"].kept == 0


CURVE = st.lists(st.tuples(PART, st.integers(1, 20)), min_size=1, max_size=8)


@given(CURVE)
def test_a_fitted_curve_rises_and_its_losses_add_up(points: list[tuple[float, int]]) -> None:
    shares, counts = [c for c, _ in points], [n for _, n in points]
    made = teleport.teleport(shares, counts)
    assert all(before <= after + 1e-12 for before, after in pairwise(made.fitted))
    assert min(made.losses, default=0.0) >= -1e-12
    assert sum(made.losses) + made.stopping == pytest.approx(1 - made.fitted[0], abs=1e-9)
    assert sum(c * n for c, n in points) == pytest.approx(
        sum(c * n for c, n in zip(made.fitted, counts, strict=True))
    )


def test_stopping_can_be_the_bottleneck_and_a_perfect_curve_has_none() -> None:
    assert teleport.teleport([0.4, 0.5, 0.5], [3, 3, 3]).bottleneck == 3
    assert teleport.teleport([1.0, 1.0], [3, 3]).bottleneck is None


def test_tasks_of_several_lengths_lose_at_the_same_part_of_the_way() -> None:
    curves = {f"{k} steps": [0.2] * (k // 2 + 1) + [1.0] * (k - k // 2) for k in (10, 20, 30)}
    made = teleport.progress(curves)
    assert made.curve.bottleneck == 6
    assert made.bottlenecks[5] == 1.0
    assert made.losses[5].interval.low > 0.3
    assert sum(made.curve.losses) + made.curve.stopping == pytest.approx(0.8)


def test_bisecting_finds_the_step_that_loses() -> None:
    true = {k: 0.1 if k <= 12 else 0.9 for k in range(21)}
    known: dict[int, float] = {}
    while (state := teleport.next_start(known, 20)) is not None:
        known[state] = true[state]
    assert {12, 13} <= set(known)
    assert len(known) <= 8


def test_losses_are_told_by_the_kind_of_step() -> None:
    curve = teleport.teleport([0.2, 0.5, 0.5, 0.9], [5] * 4)
    made = teleport.by_kind([(curve, ("type", "select", "type"))])
    assert made == pytest.approx({"type": 0.7, "select": 0.0, "stop": 0.1})
