"""What must hold of figures and intervals whatever the numbers are."""

from __future__ import annotations

import math
from itertools import combinations, pairwise, permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import each as once
from measured import groups
from scipy.stats import binomtest

from scoring import (
    association,
    conventions,
    gap,
    honesty,
    horizon,
    inputs,
    items,
    latent,
    mutation,
    paired,
    production,
    reliability,
    resampling,
    safety,
    sizes,
    stats,
)
from scoring.paired import Discordance

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PART = st.floats(0, 1)
RUNS = st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=5), min_size=1, max_size=12)


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_every_interval_of_a_share_holds_it_and_lies_between_0_and_1(count: tuple[int, int], level: float) -> None:
    hits, n = count
    for made in (stats.wilson(hits / n, n, level), stats.jeffreys(hits, n, level), stats.clopper(hits, n, level)):
        assert 0 <= made.low < made.high <= 1
        assert made.holds(hits / n)
        assert made.level == level
        assert made.method


@given(COUNTS)
def test_wilsons_interval_is_that_of_scipy(count: tuple[int, int]) -> None:
    hits, n = count
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    made = stats.share(hits, n)
    assert (made.low, made.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(RUNS)
def test_clustering_claims_no_more_than_single_runs_and_no_less_than_single_tasks(rows: list[list[float]]) -> None:
    made = stats.cluster_wilson(groups(rows))
    runs, tasks = stats.wilson(made.value, made.count), stats.wilson(made.value, len(rows))
    assert tasks.low - 1e-12 <= made.low <= runs.low + 1e-12
    assert runs.high - 1e-12 <= made.high <= tasks.high + 1e-12
    assert made.low <= made.value <= made.high


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30))
def test_with_one_run_a_task_clustering_is_wilsons_interval(values: list[float]) -> None:
    made, plain = stats.cluster_wilson(once(values)), stats.share(round(sum(values)), len(values))
    assert (made.low, made.high) == pytest.approx((plain.low, plain.high))
    assert made.value == pytest.approx(plain.value)


@given(RUNS)
def test_for_these_tasks_alone_the_interval_is_no_wider_than_wilsons(rows: list[list[float]]) -> None:
    made = stats.within_wilson(groups(rows))
    if all(len(row) == 1 for row in rows):
        assert math.isnan(made.low)
        return
    plain = stats.wilson(made.value, made.count)
    assert plain.low - 1e-12 <= made.low <= made.value <= made.high <= plain.high + 1e-12


@pytest.mark.parametrize(("part", "count"), [(-0.1, 3), (1.1, 3), (math.nan, 3), (0.5, 0)])
def test_a_share_of_nothing_or_beyond_all_is_refused(part: float, count: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stats.wilson(part, count)


@given(st.integers(1, 400))
def test_a_rate_without_an_event_is_below_what_clopper_says_one_sided(count: int) -> None:
    assert stats.none_of(count) == pytest.approx(stats.clopper(0, count, 0.90).high)
    assert stats.none_of(stats.trials_for(0.05)) <= 0.05 < stats.none_of(stats.trials_for(0.05) - 1)


def test_what_was_not_measured_is_not_a_number() -> None:
    nothing = stats.cluster_wilson({})
    assert math.isnan(nothing.value)
    assert nothing.count == 0
    assert math.isnan(stats.clustered_error({"one": [1.0, 0.0]}))
    assert math.isnan(stats.macro_mean({"empty": []}))
    assert math.isnan(stats.cluster_t({"one": [1.0]}).low)
    assert math.isnan(paired.paired({"a": [1.0]}, {"b": [0.0]}).mean)
    assert math.isnan(paired.differences([0.5]).interval.low)
    assert math.isnan(paired.mcnemar(Discordance(both=0, first=0, second=0, neither=0)).exact)
    assert math.isnan(horizon.per_step([]).p)
    assert math.isnan(gap.decompose([]).mean.total)
    assert math.isnan(association.conversion([], []).rate.value)
    assert math.isnan(items.rung({}).value)
    assert math.isnan(items.rotations([], 4).corrected)
    assert math.isnan(honesty.confidence([], []).brier)
    assert math.isnan(reliability.passing({"a": [1.0]}, 2).any)
    assert math.isnan(reliability.variance({"a": [1.0], "b": [0.0]}).likeness)
    assert math.isnan(production.cost_per_success({}).value)
    assert math.isnan(sizes.detectable(0, 0.3))
    assert gap.parity(math.nan, math.nan).verdict == "undetermined"


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8))
@settings(max_examples=30)
def test_the_bootstrap_of_a_mean_lies_among_the_values(values: list[float]) -> None:
    made = resampling.bootstrap_mean(values)
    assert min(values) - 1e-9 <= made.interval.low <= made.interval.high <= max(values) + 1e-9
    assert made.kept == 1.0


def test_weights_are_the_same_draws_as_rows() -> None:
    rows, counts = resampling.resamples(7, 200, seed=3), resampling.weights(7, 200, seed=3)
    assert [np.bincount(row, minlength=7).tolist() for row in rows] == counts.tolist()


@given(RUNS.filter(lambda rows: len(rows) > 1), PART)
@settings(max_examples=20)
def test_a_quantiles_bootstrap_is_that_of_the_values_drawn(rows: list[list[float]], part: float) -> None:
    chance = Random(1)
    varied = [[value + chance.random() for value in row] for row in rows]
    made = resampling.bootstrap_quantile(groups(varied), part)
    slow = [
        np.quantile([value for place in row for value in varied[place]], part)
        for row in resampling.resamples(len(rows))[:40]
    ]
    assert made.interval.low <= made.interval.high
    order = np.argsort(np.concatenate([np.array(row) for row in varied]), kind="stable")
    flat = np.concatenate([np.array(row) for row in varied])[order]
    owner = np.repeat(np.arange(len(varied)), list(map(len, varied)))[order]
    fast = resampling.quantiles(flat, owner, resampling.resamples(len(rows))[:40], part)
    assert fast == pytest.approx(slow)


@given(st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=9))
def test_flipping_signs_is_exact(values: list[float]) -> None:
    patterns = np.array(np.meshgrid(*[[1, -1]] * len(values))).reshape(len(values), -1).T @ np.array(values)
    assert paired.sign_flip(values) == np.mean(np.abs(patterns) >= abs(sum(values)))


def test_beyond_twenty_tasks_flips_are_drawn_and_never_certain() -> None:
    assert 0 < paired.sign_flip([1.0] * 40) <= 2 / resampling.FLIPS
    assert paired.sign_flip([1.0, -1.0] * 20) == 1.0


@given(st.dictionaries(st.text(max_size=3), PART, max_size=8))
def test_adjusting_keeps_the_order_and_lowers_nothing(values: dict[str, float]) -> None:
    holm, bh = paired.holm(values), paired.benjamini_hochberg(values)
    ordered = sorted(values, key=lambda name: values[name])
    for adjusted in (holm, bh):
        assert set(adjusted) == set(values)
        assert all(values[name] - 1e-12 <= adjusted[name] <= 1 for name in values)
        assert all(adjusted[first] <= adjusted[second] + 1e-12 for first, second in pairwise(ordered))
    assert all(bh[name] <= holm[name] + 1e-12 for name in values)


def test_a_test_that_was_not_made_belongs_to_no_family() -> None:
    with pytest.raises(ValueError, match="'lost'"):
        paired.holm({"lost": math.nan})


@given(st.integers(0, 20), st.integers(0, 20))
def test_evidence_is_fair_bets_under_even_odds(first: int, second: int) -> None:
    now = paired.e_value(first, second)
    assert (paired.e_value(first + 1, second) + paired.e_value(first, second + 1)) / 2 == pytest.approx(now)


@given(COUNTS, st.integers(1, 5))
def test_all_of_k_is_at_most_one_and_one_at_most_any_of_k(count: tuple[int, int], k: int) -> None:
    passed, n = count
    if k > n:
        assert math.isnan(reliability.pass_any(n, passed, k))
        return
    part = passed / n
    assert reliability.pass_all(n, passed, k) <= part + 1e-12
    assert part <= reliability.pass_any(n, passed, k) + 1e-12


@given(st.lists(st.sampled_from([0, 1]), min_size=2, max_size=6), st.integers(1, 4))
def test_success_in_k_is_what_drawing_k_runs_gives(runs: list[int], k: int) -> None:
    drawn = list(combinations(runs, k))
    if drawn:
        assert reliability.pass_all(len(runs), sum(runs), k) == pytest.approx(np.mean([all(each) for each in drawn]))
        assert reliability.pass_any(len(runs), sum(runs), k) == pytest.approx(np.mean([any(each) for each in drawn]))


def test_runs_that_begin_alike_agree_that_far() -> None:
    runs = {"a": ["xyz", "xyq", "xyz"], "b": ["xy"]}
    assert reliability.agreement(runs, 2) == 1.0
    assert reliability.agreement(runs, 3) == pytest.approx(1 / 3)
    assert reliability.agreement(runs, 4) == 0.0


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1, max_size=30))
def test_brier_is_its_three_parts_where_each_bin_states_one_chance(pairs: list[tuple[float, bool]]) -> None:
    made = honesty.confidence([p for p, _ in pairs], [y for _, y in pairs])
    assert made.brier == pytest.approx(made.reliability - made.resolution + made.uncertainty, abs=1e-12)


@given(st.lists(st.none() | st.integers(1, 20), min_size=1, max_size=20))
def test_a_larger_budget_never_costs_a_success(first: list[int | None]) -> None:
    curve = honesty.budget(first, 20).curve
    assert all(before <= after for before, after in pairwise(curve))
    assert curve[-1] == pytest.approx(1 - first.count(None) / len(first))


@given(st.lists(st.tuples(st.floats(0.01, 5), st.booleans()), min_size=2, max_size=8))
@settings(max_examples=40)
def test_the_interval_of_a_cost_holds_it_and_never_goes_below_nothing(pairs: list[tuple[float, bool]]) -> None:
    tasks = {str(place): [production.Attempt(cost=c, passed=p)] for place, (c, p) in enumerate(pairs)}
    made = production.cost_per_success(tasks)
    assert 0 <= made.fieller.low <= made.value * (1 + 1e-9)
    assert made.value <= made.fieller.high * (1 + 1e-9)
    assert math.isinf(made.fieller.high) or made.g < 1
    assert (made.at_least is None) == any(p for _, p in pairs)


def test_a_cost_without_a_success_is_infinite_and_bounded_below() -> None:
    made = production.cost_per_success({"a": [production.Attempt(cost=1.0, passed=False)] * 5})
    assert math.isinf(made.value)
    assert made.at_least == pytest.approx(1 / stats.none_of(5))
    assert made.failed == 1.0


def test_slopes_over_steps_are_found_again() -> None:
    made = production.drift({"a": [1.0, 1.5, 2.0], "b": [3.0, 3.7, 4.4], "c": [9.0]})
    assert made.value == pytest.approx(0.6)
    assert made.low < 0.6 < made.high
    assert made.count == 2


def test_nobody_on_the_frontier_is_beaten() -> None:
    points = {"cheap": (1.0, 0.2), "good": (5.0, 0.8), "beaten": (6.0, 0.7), "same": (5.0, 0.8)}
    assert production.frontier(points) == ("cheap", "good", "same")


def test_events_without_a_weight_and_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="telepathy"):
        safety.blast({"telepathy": 1}, {})
    with pytest.raises(ValueError, match="exposed"):
        safety.exposure(safety.Attack(injected=1, exposed=2, attempted=0, met=0))
    assert safety.exposure(safety.Attack(injected=60, exposed=60, attempted=0, met=0)).at_most == pytest.approx(
        stats.none_of(60)
    )


@given(PART, st.floats(0, 0.9))
def test_taking_guessing_out_and_putting_it_back_changes_nothing(worth: float, guess: float) -> None:
    assert items.uncorrected(items.corrected(worth, guess), guess) == pytest.approx(worth, abs=1e-12)
    assert items.corrected(1.0, guess) == 1.0
    assert items.corrected(guess, guess) == 0.0


@given(RUNS, st.sampled_from([0.0, 0.25, 0.5]))
def test_a_rungs_interval_holds_it_and_reaches_no_further_than_can_be(rows: list[list[float]], guess: float) -> None:
    answers = {name: [items.Answer(worth=worth, guess=guess) for worth in row] for name, row in groups(rows).items()}
    made = items.rung(answers)
    assert items.corrected(0.0, guess) - 1e-9 <= made.low <= made.value + 1e-9
    assert made.value - 1e-9 <= made.high <= 1.0
    assert made.low < made.high
    assert items.uncorrected(made.value, guess) == pytest.approx(stats.macro_mean(groups(rows)))


@given(st.integers(2, 5), st.integers(1, 3), st.integers(1, 200))
@settings(max_examples=20)
def test_random_answers_in_rotations_are_worth_nothing_on_average(options: int, orders: int, seed: int) -> None:
    chance = Random(seed)
    right = [[chance.random() < 1 / options for _ in range(orders)] for _ in range(3000)]
    made = items.rotations(right, options)
    assert abs(made.corrected) < 0.12
    assert made.guess == pytest.approx(options**-orders)


def test_a_liking_for_a_place_shows_and_adds_up_to_nothing() -> None:
    made = items.position_bias([0, 0, 0, 1], [0, 1, 2, 3], 4)
    assert made == (0.5, 0.0, -0.25, -0.25)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_what_invalid_answers_hide_lies_between_its_bounds(right: int, wrong: int, invalid: int) -> None:
    made = items.validity(right, wrong, invalid)
    if right + wrong:
        assert made.strict.value <= made.valid_only <= made.upper
        assert made.strict.value <= conventions.guessed_answers(right, wrong, invalid, 4) <= made.upper


@given(
    st.permutations(range(5)), st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda p: p[0] < p[1]))
)
def test_orders_are_counted_as_going_through_them_does(said: list[int], before: set[tuple[int, int]]) -> None:
    pairs = sorted(before)
    made = items.ordering(said, [0, 1, 2, 3, 4], pairs)
    valid = [order for order in permutations(range(5)) if all(order.index(a) < order.index(b) for a, b in pairs)]
    assert made.orders == len(valid)
    assert made.valid == (tuple(said) in valid)


def test_a_solver_at_chance_does_not_leak_and_one_above_does() -> None:
    assert not items.leaks({str(task): [1.0] * 2 + [0.0] * 6 for task in range(65)}, chance=0.25)
    assert items.leaks({str(task): [1.0] * 4 + [0.0] * 4 for task in range(65)}, chance=0.25)
    assert items.leaks({}, chance=0.25)


@given(PART, st.floats(0, 0.4), st.floats(0, 0.4))
def test_a_scorers_errors_are_taken_out_again(true: float, false_pass: float, false_fail: float) -> None:
    seen = true * (1 - false_fail) + (1 - true) * false_pass
    assert mutation.rogan_gladen(seen, false_pass, false_fail) == pytest.approx(true, abs=1e-9)


@given(COUNTS, st.integers(0, 3), st.integers(0, 3))
def test_a_corrected_success_lies_in_its_bounds(count: tuple[int, int], passes: int, fails: int) -> None:
    found = mutation.trust(
        mutation.Ran(count=20, passed=passes),
        mutation.Ran(count=10, passed=10 - fails),
        mutation.Ran(count=3, passed=3),
        mutation.Ran(count=3, passed=0),
    )
    seen = stats.share(*count)
    made = mutation.corrected_success(seen, found)
    assert 0 <= made.low <= made.value <= made.high <= 1
    assert made.low <= seen.value <= made.high
    assert math.isnan(mutation.rogan_gladen(0.5, 0.6, 0.6))


@pytest.mark.parametrize(
    ("scale", "shift", "noise", "verdict"),
    [(1.0, 0.0, 1.0, "right"), (0.5, 0.0, 1.0, "adapter"), (1.0, 60.0, 1.0, "adapter"), (1.0, 0.0, 90.0, "limited")],
    ids=["as shown", "half the scale", "shifted", "scattered"],
)
def test_points_tell_a_wrong_convention_from_a_poor_eye(
    scale: float, shift: float, noise: float, verdict: str
) -> None:
    chance = Random(2)
    true = [100.0 * place for place in range(1, 19)]
    found = [scale * x + shift + chance.uniform(-noise, noise) for x in true]
    assert inputs.line(true, found).verdict == verdict


@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
@settings(max_examples=30)
def test_more_right_answers_mean_more_ability(agents: int, count: int, seed: int) -> None:
    chance = Random(seed)
    rows = [[chance.random() < 0.5 for _ in range(count)] for _ in range(agents)]
    made = latent.fit(
        latent.Response(helps=(f"agent {b}",), hinders=(f"item {i}",), right=right)
        for b, row in enumerate(rows)
        for i, right in enumerate(row)
    )
    totals = [sum(row) for row in rows]
    for one, other in combinations(range(agents), 2):
        if totals[one] > totals[other]:
            assert made.terms[f"agent {one}"] > made.terms[f"agent {other}"]
    assert made.objective >= 0


@given(st.integers(2, 40), st.floats(0.05, 0.95), st.integers(1, 12))
def test_the_best_of_several_is_flattered(tasks: int, success: float, agents: int) -> None:
    assert sizes.best_of(1, tasks, success) == pytest.approx(success)
    assert sizes.best_of(agents + 1, tasks, success) >= sizes.best_of(agents, tasks, success)


def test_clustering_covers_as_often_as_it_says_where_single_runs_do_not() -> None:
    """Fifteen tasks of three alike runs (a likeness of 0.6), six hundred times."""
    chance = np.random.default_rng(4)
    truth, covered, naive = 0.35, 0, 0
    for _ in range(600):
        ability = chance.beta(truth * 2 / 3, (1 - truth) * 2 / 3, size=15)
        runs = (chance.random((15, 3)) < ability[:, None]).astype(float)
        made = stats.cluster_wilson(groups(runs.tolist()))
        covered += made.low <= truth <= made.high
        naive += stats.share(int(runs.sum()), 45).low <= truth <= stats.share(int(runs.sum()), 45).high
    assert covered / 600 > 0.92
    assert naive / 600 < 0.88


def test_values_of_two_groups_are_exchanged_exactly_where_there_are_few() -> None:
    assert resampling.reallocated([1.0, 1.0], [0.0, 0.0]) == 2 / 6
    assert resampling.reallocated([0.5, 0.5], [0.5]) == 1.0
    assert math.isnan(resampling.reallocated([], [1.0]))
    many = resampling.reallocated([1.0] * 10, [0.0] * 10)
    assert 1 / (resampling.DRAWS + 1) <= many < 0.001
    assert many == resampling.reallocated([1.0] * 10, [0.0] * 10)


def test_an_effective_count_is_that_of_the_interval() -> None:
    groups = {"a": [1.0, 1.0, 0.0], "b": [0.0, 0.0, 0.0], "c": [1.0, 1.0, 1.0]}
    made, count = stats.cluster_wilson(groups), stats.effective(groups)
    assert 3 <= count < 9
    assert stats.wilson(made.value, count).low == pytest.approx(made.low)
    assert stats.effective({}) == 0
