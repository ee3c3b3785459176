"""The proof of the statistics on agents whose faults are known: what was planted is found as often as it must be."""

from __future__ import annotations

import math
from random import Random

import pytest

from scoring.attribution import attribute, attribute_tasks, logged, product_game
from scoring.autopsy import causes
from scoring.simulated import (
    FACTORS,
    Course,
    broken_at,
    cells,
    course,
    curve,
    drawn,
    factorial,
    failures,
    passing,
    played,
    rungs,
    shares,
    single,
    truths,
)
from scoring.stats import average
from scoring.teleport import teleport
from scoring.understanding.items import Choice, Item, Order

FAULTS = {"ground": 0.08, "plan": 0.06, "stop": 0.2}
POOL = tuple(
    course([(number % 2 == 0, number % 3 == 1) for number in range(length)]) for length in (4, 5, 6, 6, 7, 8, 10)
)
KNOWN = [
    pytest.param(course([(True, False), (False, True)]), {"ground": 0.1}, "", 0.9, id="one click"),
    pytest.param(course([(True, False), (False, True)]), {"plan": 0.1}, "", 0.81, id="two steps"),
    pytest.param(course([(True, False), (False, True)]), {"read": 0.1, "stop": 0.5}, "", 0.45, id="a text, an end"),
    pytest.param(course([(True, True)]), {"ground": 0.1, "stop": 0.5}, "G", 0.5, id="marks told"),
    pytest.param(course([(True, True)]), {"ground": 0.1, "stop": 0.5}, "GV", 1.0, id="marks and the bit told"),
    pytest.param(course([(True, True)] * 3), {"ground": 0.5}, "P", 0.125, id="told what it does not lack"),
    pytest.param(course([]), {"plan": 0.5, "stop": 0.25}, "", 0.75, id="no step at all"),
]


@pytest.mark.parametrize(("task", "faults", "aids", "right"), KNOWN)
def test_success_is_the_product_of_what_is_not_removed(
    task: Course, faults: dict[str, float], aids: str, right: float
) -> None:
    assert passing(task, faults, aids) == pytest.approx(right)


def test_of_one_task_the_cells_are_a_product_game() -> None:
    task = POOL[2]
    needs = task.needs()
    q = {aid: (1 - FAULTS[name]) ** needs[name] for aid, name in (("G", "ground"), ("P", "plan"), ("V", "stop"))}
    made, wanted = cells([task], FAULTS), product_game(q)
    assert made == pytest.approx(wanted)
    logs = logged(made)
    assert logs is not None
    found = attribute(logs)
    assert found.shares == pytest.approx({aid: -math.log(each) for aid, each in q.items()})
    assert found.interactions == pytest.approx(dict.fromkeys(found.interactions, 0.0), abs=1e-12)


def test_shares_add_up_to_what_all_aids_recover() -> None:
    found = cells(POOL, FAULTS)
    assert sum(shares(POOL, FAULTS).values()) == pytest.approx(found[frozenset(FACTORS)] - found[frozenset()])


def test_a_step_alone_needs_nobody_to_stop() -> None:
    task = course([(True, False), (False, True)])
    faults = {"ground": 0.1, "plan": 0.2, "read": 0.5, "stop": 0.9}
    assert [single(task, faults, step) for step in (0, 1)] == pytest.approx([0.72, 0.4])


def test_the_curve_rises_from_the_whole_task_to_stopping() -> None:
    pool = [POOL[2], POOL[3]]
    found = curve(pool, FAULTS)
    assert found[0] == pytest.approx(passing(POOL[2], FAULTS))
    assert found[-1] == pytest.approx(0.8)
    assert list(found) == sorted(found)
    with pytest.raises(ValueError, match="one length"):
        curve(POOL, FAULTS)


def test_what_is_played_comes_out_as_its_chance_says() -> None:
    suite = drawn(POOL, 3000, Random(1))
    found = average([value for values in played(suite, FAULTS, Random(2)).values() for value in values])
    truth = average([passing(task, FAULTS) for task in suite])
    assert abs(found - truth) < 4 * math.sqrt(truth * (1 - truth) / 3000)


SUITES, TASKS = 60, 40


def test_an_interval_holds_each_true_share_as_often_as_it_says() -> None:
    truth = shares(POOL, FAULTS)
    inside = dict.fromkeys(FACTORS, 0)
    for number in range(SUITES):
        chance = Random(f"suite {number}")
        table, _ = factorial(drawn(POOL, TASKS, chance), FAULTS, chance)
        found = attribute_tasks(table)
        for aid in FACTORS:
            interval = found.aids[aid].share.interval
            inside[aid] += interval.low <= truth[aid] <= interval.high
    covered = {aid: count / SUITES for aid, count in inside.items()}
    assert all(each >= 0.87 for each in covered.values()), covered  # 0.95 less three standard errors of 60 suites
    assert 0.91 <= sum(covered.values()) / len(covered) <= 0.99, covered


def test_a_placebo_that_helps_nobody_leaves_the_net_share_as_it_is() -> None:
    nets = {aid: list[float]() for aid in FACTORS}
    for number in range(8):
        chance = Random(f"net {number}")
        table, blind = factorial(drawn(POOL, 60, chance), FAULTS, chance)
        found = attribute_tasks(table, blind)
        for aid in FACTORS:
            net = found.aids[aid].net
            assert net is not None
            nets[aid].append(net.mean)
    truth = shares(POOL, FAULTS)
    assert {aid: average(values) for aid, values in nets.items()} == pytest.approx(truth, abs=0.09)


@pytest.mark.parametrize("loss", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("step", [1, 4, 8])
def test_the_step_at_which_a_third_or_more_is_lost_is_found(loss: float, step: int) -> None:
    task, faults = broken_at(8, step, loss)
    hits = 0
    for number in range(100):
        chance = Random(f"way {number}")
        suite = [task] * TASKS
        at = [played(suite, faults, chance, begun=begun) for begun in range(9)]
        found = teleport([average([values[0] for values in each.values()]) for each in at], [TASKS] * 9)
        hits += found.bottleneck == step
    assert hits >= 90


def test_stopping_is_the_bottleneck_of_who_cannot_stop() -> None:
    hits = 0
    for number in range(100):
        chance = Random(f"stop {number}")
        suite = [course([(True, False)] * 5)] * TASKS
        at = [played(suite, {"stop": 0.4}, chance, begun=begun) for begun in range(6)]
        found = teleport([average([values[0] for values in each.values()]) for each in at], [TASKS] * 6)
        hits += found.bottleneck == 6
    assert hits >= 90


def test_knowing_all_and_failing_is_dissociation_and_failing_as_one_errs_is_none() -> None:
    for number in range(50):
        chance = Random(f"failures {number}")
        suite = drawn(POOL, TASKS, chance)
        alike, apart = causes(failures(suite, FAULTS, chance)), causes(failures(suite, FAULTS, chance, knows=True))
        assert alike.dissociation.low == 0.0
        assert alike.dissociation.value == 0.0
        assert apart.dissociation.high == 1.0
        assert apart.dissociation.value == 1.0


def test_the_causes_are_those_that_were_planted() -> None:
    chance = Random(7)
    suite = drawn(POOL, 4000, chance)
    found = causes(failures(suite, {"stop": 0.3}, chance))
    assert found.shares["verify"].value == 1.0
    mixed = causes(failures(suite, {"ground": 0.1, "plan": 0.1}, chance))
    assert mixed.shares["ground"].value > 0.2
    assert mixed.shares["plan"].value > mixed.shares["ground"].value, (
        "each step needs a plan, and every other to point"
    )


def item(rung: str, number: int, task: str = "t/a@1", **more: object) -> Item:
    fields = {"id": f"{rung} {number}", "rung": rung, "facet": "x", "task": task, "seed": 0, "question": "?",
              "truth": Choice(option=0), "guess": 0.25}  # fmt: skip
    return Item(**(fields | more))  # type: ignore[arg-type]  # as the fields are


def test_each_rung_must_come_out_as_its_channel_errs_guessing_taken_out() -> None:
    items = [item("L0", 1, guess=0.0), item("L1", 1, guess=0.2), item("L2", 1), item("L4", 1, guess=0.5)]
    found = rungs(items, {"read": 0.1, "ground": 0.2, "plan": 0.25, "stop": 0.1})
    assert found == pytest.approx(
        {"L0": 0.9, "L1": 0.75, "L2": 2 / 3, "L4": 0.8, "U": (0.9 + 0.75 + 2 / 3 + 0.8) / 4}
    )


def test_a_pair_is_right_only_if_both_are() -> None:
    pair = [item("L0", 1, pair="p", guess=0.5), item("L0", 2, pair="p", guess=0.5)]
    assert rungs(pair, {"read": 0.2})["L0"] == pytest.approx((0.64 - 0.25) / 0.75)


def test_an_order_that_may_be_half_right_has_no_known_worth_unless_it_is_always_right() -> None:
    order = item("L3", 1, truth=Order(before=((0, 1),), extensions=1), options=("a", "b"))
    assert rungs([order, item("L2", 1)], {"plan": 0.1}) == pytest.approx({"L2": (0.9 - 0.25) / 0.75})
    assert rungs([order], {"ground": 0.1}) == {"L3": 1.0, "U": 1.0}


def test_what_is_true_of_a_study_is_said_by_figure() -> None:
    suite = {"t/a@1": [course([(True, False)])], "t/b@1": [course([(True, False)] * 2)]}
    items = [item("L1", 1, guess=0.0)]
    alike = truths(suite, items, {"ground": 0.5}, knows=False)
    assert alike == pytest.approx(
        {"L6": 0.375, "G": 0.625, "P": 0.0, "V": 0.0, "L1": 0.5, "U": 0.5, "dissociation": 0.0}
    )
    apart = truths(suite, items, {"ground": 0.5}, knows=True)
    assert (apart["U"], apart["dissociation"], apart["L6"]) == (1.0, 1.0, 0.375)
    assert truths({}, items, {"ground": 0.5}, knows=True) == {}
