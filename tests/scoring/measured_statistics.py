"""Proportions, pairs, quantiles, clusters and sizes."""

from __future__ import annotations

import math
from typing import Any

from measured import block, booleans, each, ends, groups, to

from scoring import conventions, honesty, latent, paired, production, reliability, resampling, sizes, stats
from scoring.paired import Discordance


@block("G01_binomial_ci")
def binomial(given: Any) -> Any:
    return [
        {
            "s": s,
            "n": n,
            "p": stats.share(s, n).value,
            "wilson95": ends(stats.share(s, n)),
            "jeffreys95": ends(stats.jeffreys(s, n)),
            "clopper95": ends(stats.clopper(s, n)),
        }
        for s, n in given["cases"]
    ]


@block("G02_pass_k")
def pass_k(given: Any) -> Any:
    n = given["n_runs_per_task"]
    runs = groups([[1] * c + [0] * (n - c) for c in given["successes_per_task"]])
    made = {k: reliability.passing(runs, k) for k in given["k"]}
    return {
        "pass_at": {k: each.any for k, each in made.items()},
        "pass_hat": {k: each.all for k, each in made.items()},
        "naive_plugin_pass_hat_3(p^3)": conventions.plug_in_pass_all(runs, 3),
        "reliability_gap_k3": made[1].all - made[3].all,
        "conditional_repeatability_k2 = pass^2/pass^1": made[2].again,
    }


@block("G04_sample_size")
def sample_size(given: Any) -> Any:
    half, m = given["half_width"], given["items_per_task_m"]
    return [
        {"format": name, "corrected_score": score, "n_iid": sizes.items_for(half, score, guess)}
        | {
            f"n_m8_rho{rho}": sizes.items_for(half, score, guess, sizes.design_effect(m, float(rho)))
            for rho in (".05", ".10", ".20")
        }
        for name, guess in (("open answer / pointing", 0.0), ("4-option", 0.25), ("yes/no", 0.5))
        for score in (0.5, 0.8)
    ]


@block("G04b_control_sample_size")
def control_sample_size(given: Any) -> Any:
    made = []
    for rho in (0.3, 0.6, 0.8):
        for runs in (1, 2, 3, 5, 10):
            tasks = sizes.tasks_for(given["half_width"], rho, runs, given["p"])
            made.append({"between_task_share": rho, "runs_R": runs, "tasks_T": tasks, "episodes": tasks * runs})
    return made


@block("G05_mcnemar")
def mcnemar(given: Any) -> Any:
    found = Discordance(
        both=given["n11"], first=given["n10_A_only"], second=given["n01_B_only"], neither=given["n00"]
    )
    made = paired.mcnemar(found)
    statistic, p = conventions.corrected_chi_square(found.first, found.second)
    return {
        "diff_A_minus_B": made.difference,
        "exact_p": made.exact,
        "midp": made.mid,
        "chi2_cc": statistic,
        "chi2_cc_p": p,
        "se_diff": made.error,
        "odds_ratio_discordant": made.odds,
    }


@block("G06_paired_tasks")
def paired_tasks(given: Any) -> Any:
    a, b = groups(given["A"]), groups(given["B"])
    made = paired.paired(a, b)
    d = [first - second for first, second in zip(*(stats.task_means(side).values() for side in (a, b)), strict=True)]
    every = resampling.every_resample(d[:5])
    mean = stats.pooled_mean({"": every})
    return {
        "mean_A": stats.pooled_mean(a),
        "mean_B": stats.pooled_mean(b),
        "naive_iid_se_A": conventions.independent_error(a),
        "clustered_se_A": stats.clustered_error(a),
        "wilson_iid_A": ends(stats.share(15, 24)),
        "cluster_t_ci_A": ends(stats.cluster_t(a)),
        "d_by_task": d,
        "mean_diff": made.mean,
        "se_diff": made.error,
        "t": made.t,
        "p_t": made.p,
        "t_ci95": ends(made.interval),
        "exact_signflip_p": made.flip,
        "n_perms": len(resampling.swaps(made.tasks)),
        "boot_percentile_ci95": ends(made.bootstrap.interval),
        "boot_se": made.bootstrap.error,
        "exact_enumerated_boot_first5": {
            "n": len(every),
            "mean": mean,
            "sd": math.sqrt(stats.pooled_mean({"": [(value - mean) ** 2 for value in every]})),
            "q025_q975": [stats.quantile(every, 0.025), stats.quantile(every, 0.975)],
        },
        "unpaired_se_for_contrast": conventions.unpaired_error(stats.clustered_error(a), stats.clustered_error(b)),
    }


@block("G12_latency")
def latency(given: Any) -> Any:
    made, seconds = stats.spread(given["seconds"]), given["seconds"]
    return {
        "p50": made.median,
        "p95": made.p95,
        "p99": stats.quantile(seconds, 0.99),
        "mean": made.mean,
        "max": stats.quantile(seconds, 1.0),
        "nearest_rank_p95_for_contrast": conventions.nearest_rank(seconds, 0.95),
    }


@block("G12b_latency_share")
def latency_share(given: Any) -> Any:
    made = production.parts(given["steps"])
    return {
        "total_s": sum(sum(step.values()) for step in given["steps"]),
        "share": {name: made[name] for name in given["steps"][0]},
        "throughput_tasks_per_hour(12 tasks,4 slots,1350 s wall)": production.throughput(12, 1350),
        "slot_utilisation(busy 4800 of 4*1350)": production.utilisation(4800, 4, 1350),
    }


@block("G13_multiplicity")
def multiplicity(given: Any) -> Any:
    falling = sorted(given["p"], key=lambda name: -given["p"][name])
    adjusted = paired.benjamini_hochberg(given["p"])
    return {"holm": paired.holm(given["p"]), "bh": {name: adjusted[name] for name in falling}}


@block("G15_mde_paired_binary")
def detectable(given: Any) -> Any:
    return [
        {
            "discordance": d,
            "T": tasks,
            "mde_80": to(4, sizes.detectable(tasks, d, 1 - given["alpha"], given["power"])),
        }
        for d in (0.2, 0.3, 0.4)
        for tasks in (30, 60, 100, 200, 369)
    ]


@block("G18_calibration")
def calibration(given: Any) -> Any:
    made = honesty.confidence(given["p"], booleans(given["y"]))
    return {
        "brier": made.brier,
        "brier_skill_vs_base_rate": made.skill,
        "ece5": made.error,
        "reliability": made.reliability,
        "resolution": made.resolution,
        "uncertainty": made.uncertainty,
        "auroc": made.auroc,
        "overconfidence = mean(p)-mean(y)": made.over,
    }


@block("G19_variance_components")
def variance(given: Any) -> Any:
    made = reliability.variance(groups(given["runs"]))
    return {
        "MSB": made.between,
        "MSW": made.within,
        "icc1": made.likeness,
        "sigma2_within": made.inside,
        "sigma2_between": made.across,
        "design_effect_k3": made.effect,
        "mean_flip_rate = mean over tasks of 2p(1-p)*k/(k-1)": made.flips,
    }


@block("G21_evalue")
def e_value(given: Any) -> Any:
    made = {f"{a}:{b}": paired.e_value(a, b) for a, b in ((9, 2), (15, 3), (6, 5), (20, 4))}
    return {**made, "reject_at_alpha_.05_when_e>=": paired.STOP}


@block("G24_rasch_map")
def rasch(given: Any) -> Any:
    made = latent.fit(
        latent.Response(helps=(f"ability {b}",), hinders=(f"item {i}",), right=bool(right))
        for b, row in enumerate(given["X"])
        for i, right in enumerate(row)
    )
    return {
        "theta": to(4, [made.terms[f"ability {b}"] for b in range(3)]),
        "beta": to(4, [made.terms[f"item {i}"] for i in range(5)]),
        "neg_log_post": made.objective,
    }


@block("G27_weighting")
def weighting(given: Any) -> Any:
    counts = zip(given["items_per_task"], given["correct"], strict=True)
    answered = groups([[1] * right + [0] * (count - right) for count, right in counts])
    return {"pooled": stats.pooled_mean(answered), "task_macro_mean": stats.macro_mean(answered)}


@block("G29_contamination")
def contamination(given: Any) -> Any:
    public, fresh = each(given["public_instance"]), groups(given["fresh_instances"])
    made = paired.paired(public, fresh)
    return {
        "public": stats.macro_mean(public),
        "fresh": stats.macro_mean(fresh),
        "gap": made.mean,
        "se": made.error,
        "t_ci95": ends(made.interval),
    }


@block("G32_cluster_wilson")
def cluster_wilson(given: Any) -> Any:
    runs, nothing = groups(given["groups"]), groups([[0, 0, 0]] * 10)
    made, error = stats.cluster_wilson(runs), stats.clustered_error(runs)
    return {
        "mean": made.value,
        "clustered_se": error,
        "n_eff": stats.effective_count(made.value, error, len(runs), made.count),
        "ci95": ends(made),
        "all_zero": {
            "n_eff": stats.effective_count(0.0, stats.clustered_error(nothing), 10, 30),
            "ci95": ends(stats.cluster_wilson(nothing)),
        },
    }


@block("G33_winners_curse")
def winners_curse(given: Any) -> Any:
    k, n, p = given["k_backends"], given["n"], given["true_p"]
    return {
        "E[best observed]": sizes.best_of(k, n, p),
        "bias": sizes.best_of(k, n, p) - p,
        "k=3": sizes.best_of(3, n, p) - p,
        "k=12,n=369": sizes.best_of(12, 369, p) - p,
    }


@block("X01_inspect_clustered_stderr")
def clustered(given: Any) -> Any:
    error = stats.clustered_error(groups(given["A"]))
    return to(9, {"inspect": error, "ours": error})
