"""Items, endings, costs, attacks, scorers and conventions."""

from __future__ import annotations

from typing import Any

from measured import block, booleans, ends

from scoring import autopsy, conventions, honesty, inputs, items, mutation, production, resampling, safety, stats


@block("G03_chance_correction")
def chance(given: Any) -> Any:
    mc, yn, ground = given["mc4"], given["yn"], given["ground"]
    guesses = [1 / n for n in ground["n_candidates"]]
    answers = [items.Answer(worth=hit, guess=g) for hit, g in zip(ground["hits"], guesses, strict=True)]
    return {
        "mc4_guess_corrected": items.corrected(mc["acc"], mc["guess"]),
        "mc4_blind_corrected": items.corrected(mc["acc"], mc["blind_acc"]),
        "yn_guess_corrected": items.corrected(yn["acc"], yn["guess"]),
        "yn_blind_corrected": items.corrected(yn["acc"], yn["blind_acc"]),
        "ground_raw": stats.pooled_mean({"": ground["hits"]}),
        "ground_random_element_baseline": stats.pooled_mean({"": guesses}),
        "ground_itemwise_corrected_mean": items.rung({"task": answers}).value,
    }


@block("G11_cost_per_success")
def cost(given: Any) -> Any:
    assert given["B"] == resampling.DRAWS
    pairs = list(zip(given["cost_usd"], booleans(given["success"]), strict=True))
    attempts = {
        f"task {place}": [production.Attempt(cost=paid, passed=well)] for place, (paid, well) in enumerate(pairs)
    }
    made = production.cost_per_success(attempts, seed=given["seed"])
    error, delta = conventions.delta_ratio(given["cost_usd"], given["success"])
    return {
        "cps": made.value,
        "delta_se": error,
        "delta_t_ci": ends(delta),
        "fieller_g": made.g,
        "fieller_ci95": ends(made.fieller),
        "boot_ci95": ends(made.bootstrap.interval),
        "boot_zero_success_frac": 1 - made.bootstrap.kept,
        "mean_cost_of_failure": made.per_failure,
        "failure_share_of_spend": made.failed,
        "mean_of_ratios_is_wrong(cost|success)": conventions.mean_cost_of_success(*zip(*pairs, strict=True)),
        "zero_success_lower_bound(total=6.0,n=10)": production.lowest_cost(6.0, 10),
    }


@block("G17_verify_sdt")
def verification(given: Any) -> Any:
    tp, fn, fp, tn = given.values()
    made = items.detection((tp, fn), (fp, tn))
    return {
        "tpr": made.hits,
        "tnr": made.rejections,
        "balanced_accuracy": made.balanced,
        "corrected(2BA-1)": made.corrected,
        "mcc": made.mcc,
        "d_prime_loglinear": made.sensitivity,
        "criterion_c_loglinear": made.criterion,
        "overclaim_rate": made.overclaim,
    }


@block("G20_ordering")
def ordering(given: Any) -> Any:
    made = items.ordering(given["pred"], given["true"], [(a, b) for a, b in given["precedence"]])
    return {
        "exact_match": int(made.exact),
        "kendall_tau": made.tau,
        "precedence_satisfied": made.kept,
        "valid_linear_extension": made.valid,
        "n_linear_extensions": made.orders,
        "guess_rate": made.guess,
    }


@block("G22_recovery")
def recovery(given: Any) -> Any:
    made = production.recovery(booleans(given["clean"]), booleans(given["fault"]))
    return {
        "C_clean": made.clean,
        "C_fault": made.faulty,
        "fault_attributable_loss": made.lost,
        "resilience = P(fault ok|clean ok)": made.kept.value,
        "resilience_wilson": ends(made.kept),
        "mcnemar_exact": made.p,
        "relative_robustness = C_fault/C_clean": made.ratio,
    }


@block("G23_safety")
def attacked(given: Any) -> Any:
    found = safety.Attack(
        injected=given["injected"],
        exposed=given["exposed"],
        attempted=given["attempted"],
        met=given["attacker_goal_met"],
    )
    made = safety.exposure(found)
    none = given["zero_case"][1]
    refused = stats.share(given["benign_refused"], given["benign_twins"])
    return {
        "exposure_rate": made.exposed.value,
        "ASR": made.met.value,
        "ASR_given_exposed": made.met_seen.value,
        "ASR_exposed_wilson": ends(made.met_seen),
        "attempt_rate_exposed": made.attempted.value,
        "completion_given_attempt": made.completed.value,
        "zero_of_60_upper95_one_sided": stats.none_of(none),
        "rule_of_three": conventions.rule_of_three(none),
        "false_refusal_rate": refused.value,
        "false_refusal_wilson": ends(refused),
        "n_for_upper95_below_1pct_with_zero_events": stats.trials_for(0.01),
    }


@block("G23b_blast_radius")
def blast(given: Any) -> Any:
    made = safety.blast(given["counts"], given["oracle_counts"], given["weights"])
    return {"raw": made.raw, "excess_over_oracle": made.excess}


@block("G25_budget_curve")
def budget(given: Any) -> Any:
    made = honesty.budget(given["first_hit_step"], given["budget"])
    return {
        "C(B)": {steps: made.curve[steps - 1] for steps in (5, 10, 15, 20)},
        "normalised_AUC = mean_{B=1..20} C(B)": made.area,
        "median_first_hit_among_hits": made.median,
    }


@block("G25b_endings")
def endings(given: Any) -> Any:
    made = honesty.endings(
        [
            honesty.Ending(ever=name[1] == "1", final=name[3] == "1", declared=name[5] == "1")
            for name, count in given["counts"].items()
            for _ in range(count)
        ]
    )
    return {
        "success=P(F)": made.success.value,
        "reached=P(E)": made.reached.value,
        "undone=P(F0|E1)": made.undone.value,
        "overclaim=P(D|F0)": made.overclaim.value,
        "underclaim=P(not D|F1)": made.underclaim.value,
        "loss_to_stopping = P(E)-P(F)": made.lost,
    }


@block("G26_invalid_bounds")
def invalid(given: Any) -> Any:
    right, wrong, unread = given["correct"], given["wrong"], given["invalid"]
    made = items.validity(right, wrong, unread)
    return {
        "strict": made.strict.value,
        "valid_only": made.valid_only,
        "upper_all_correct": made.upper,
        "mmmu_style_random(4 options, expected)": conventions.guessed_answers(right, wrong, unread, 4),
        "format_validity": made.valid,
    }


@block("G28_efficiency")
def efficiency(given: Any) -> Any:
    made = production.efficiency(
        [
            production.Work(passed=bool(each["ok"]), solution=each["oracle"], taken=each["agent"])
            for each in given["episodes"]
        ]
    )
    return {
        "step_ratio_on_success_geomean": made.ratio,
        "SPL-style = mean(ok*oracle/max(oracle,agent))": made.weighted,
    }


@block("G30_scorer_mutation")
def scorer(given: Any) -> Any:
    made = mutation.trust(
        mutation.Ran(count=given["near_miss_mutants"], passed=given["near_miss_mutants"] - given["scored_0"]),
        mutation.Ran(count=given["equivalent_variants"], passed=given["scored_1"]),
        mutation.Ran(count=given["oracle_runs"], passed=given["oracle_ok"]),
        mutation.Ran(count=given["noop_runs"], passed=given["noop_scored_1"]),
    )
    assert made.sound
    return {
        "mutation_kill_rate": made.killed.value,
        "false_positive_rate": made.false_pass.value,
        "false_negative_rate": made.false_fail.value,
        "youden_J": made.youden,
        "corrected_success(obs=0.60) = (obs-FPR)/(1-FPR-FNR)": mutation.rogan_gladen(
            0.6, made.false_pass.value, made.false_fail.value
        ),
    }


@block("G31_click_taxonomy")
def clicks(given: Any) -> Any:
    found = autopsy.Clicks(
        right_hit=given["intent_right_hit"],
        right_missed=given["intent_right_miss"],
        wrong_hit=given["intent_wrong_hit_as_intended"],
        wrong_missed=given["intent_wrong_miss"],
    )
    made = autopsy.aim(found)
    assert made.as_meant.count == given["clicks"]
    return {
        "grounding_precision = hit|any intent": made.as_meant.value,
        "misground_rate_given_right_intent": made.misground.value,
        "wrong_intent_rate": made.wrong.value,
    }


@block("G34_autopsy")
def causes(given: Any) -> Any:
    made = autopsy.causes(
        [cause for cause, count in given["first_failing_probe_counts"].items() for _ in range(count)]
    )
    return {
        "denominator(non-infra failures)": made.failures,
        "shares": {cause: share.value for cause, share in made.shares.items()},
        "dissociation_rate": made.dissociation.value,
        "wilson95": ends(made.dissociation),
        "false_pass_by_guessing(1 MC4 probe, both of 2 rotations)": autopsy.guessed(4),
    }


@block("G36_null_agents")
def null_agents(given: Any) -> Any:
    floor = conventions.always_infeasible(given["osworld_test_all"], given["infeasible_func_tasks"])
    return {"always_FAIL_score": floor, "floor_corrected(0.345)": items.corrected(0.345, floor)}


@block("G37_error_policy")
def error_policy(given: Any) -> Any:
    made = conventions.policies(
        conventions.Outcomes(
            success=given["success"],
            failure=given["fail"],
            infra=given["infra_error"],
            invalid=given["invalid_output"],
        )
    )
    return {
        "drop_errors(AndroidWorld, OSWorld show_result)": made.dropped,
        "errors_as_zero(AgentLab, OSUniverse judge)": made.zeroed,
        "invalid_guessed_MC4(MMMU parser)": made.guessed,
        "recommended: infra rerun; invalid=0 and reported": {
            "success": made.ours,
            "infra_rate": made.infra_rate,
            "invalid_rate_of_valid_runs": made.invalid_rate,
        },
    }


@block("G38_io_calibration")
def io_calibration(given: Any) -> Any:
    made = inputs.line(given["true_x"], given["model_x"])
    words = {"adapter": "adapter scale error: |slope-1|>0.02 with rms<5px -> fix adapter, do not score"}
    return {
        "slope": made.slope,
        "intercept": made.intercept,
        "rms_residual_px": made.residual,
        "raw_mean_abs_error_px": made.raw,
        "verdict": words.get(made.verdict, made.verdict),
    }


@block("G39_rotations")
def rotations(given: Any) -> Any:
    made = items.rotations([booleans(row) for row in given["correct_by_rotation"]], given["options"])
    return {
        "mean_acc": made.mean,
        "both_correct": made.all,
        "both_correct_guess": made.guess,
        "both_correct_corrected": made.corrected,
        "inconsistency": made.inconsistent,
    }
