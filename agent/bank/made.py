"""From a bank's plays to the bank: items, audit, pictures, hash. The same records always make the same bank."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from agent.asking import handeye
from agent.bank.pictures import renamed
from envs.errors import BadInput
from scoring.record import read_run
from scoring.understanding import audit
from scoring.understanding.act import act
from scoring.understanding.apps import ADMITTED, audited
from scoring.understanding.collect import collected, operators
from scoring.understanding.ground import ground
from scoring.understanding.items import FORMAT, Bank, Dropped, Item, Rung, digest, write
from scoring.understanding.perceive import perceive
from scoring.understanding.predict import predict
from scoring.understanding.steps import plan
from scoring.understanding.trails import Trails
from scoring.understanding.verify import verify

PLAYS = "plays"
MOST: dict[Rung, int] = {"L0": 12, "L1": 12, "L2": 24, "L3": 18, "L4": 14, "L5": 8}
"""Items of a rung, task and seed: more where the audit needs more to tell (see `scoring.understanding.audit`)."""
GENERATORS: dict[Rung, Callable[..., Iterator[Item | Dropped]]] = {
    "L0": perceive,
    "L1": ground,
    "L2": predict,
    "L3": plan,
    "L4": verify,
    "L5": act,
}


def make(folder: Path, jobs: int = 1) -> Bank:
    """Make the bank of the plays in its folder, in place of an old one. Raises BadInput where there are none."""
    plays = folder / PLAYS
    run, episodes = read_run(plays)
    all_, dropped = collected(plays)
    shares = {app: tally.share for app, tally in audited(all_).items()}
    found, without = _generated(all_, frozenset(app for app, share in shares.items() if share >= ADMITTED), jobs)
    items, shortcuts, blind = audit.audited(found, lambda name: (plays / "frames" / f"{name}.png").read_bytes())
    abouts = [each.started.desktop for each in episodes if each.started is not None and each.started.desktop.image]
    _pictures(plays / "frames", folder / "images", items)
    bank = Bank(
        format=FORMAT,
        suite=run.suite,
        seeds=run.seeds,
        size=run.size,
        handeye=handeye(),
        image=abouts[0].image if abouts else "",
        hash=digest(items),
        items=len(items),
        apps={app: round(share, 4) for app, share in shares.items()},
        shortcuts=tuple(shortcuts),
        dropped=tuple(_merged((*dropped, *without, *blind))),
        operators=tuple(operators(plays)),
    )
    write(folder, bank, items)
    return bank


def _generated(all_: Sequence[Trails], admitted: frozenset[str], jobs: int) -> tuple[list[Item], list[Dropped]]:
    """The items of all tasks, several tasks at once."""
    one = partial(items_of, admitted=admitted)
    if jobs == 1 or len(all_) < 2:
        told = [one(trails) for trails in all_]
    else:
        with ProcessPoolExecutor(max_workers=min(jobs, len(all_))) as pool:
            told = list(pool.map(one, all_))
    return [item for items, _ in told for item in items], [each for _, without in told for each in without]


def items_of(trails: Trails, admitted: frozenset[str]) -> tuple[list[Item], list[Dropped]]:
    """A choice of a task and seed's items, and what could not be one. Pointing only in apps that are admitted."""
    items, dropped, trails = [], list[Dropped](), renamed(trails)
    for rung, generate in GENERATORS.items():
        chance = Random(f"{rung}:{trails.task}:{trails.seed}")
        options = {} if rung != "L1" or trails.app in admitted else {"admitted": False}
        made = list(generate(trails, chance, **options))
        dropped += [each for each in made if isinstance(each, Dropped)]
        told = {each.id: each for each in made if isinstance(each, Item)}
        fit = [each for each in told.values() if not trails.odd & shown_by([each])]
        if len(fit) < len(told):
            why = "shows a screen that is not the same in every play"
            dropped.append(
                Dropped(task=trails.task, seed=trails.seed, rung=rung, why=why, count=len(told) - len(fit))
            )
        items += chosen(fit, Random(f"choice:{rung}:{trails.task}:{trails.seed}"), MOST[rung])
    return items, dropped


def chosen(items: Sequence[Item], chance: Random, most: int) -> list[Item]:
    """So many items, from as many facets and screens as there are; a pair is taken whole or not at all."""
    pairs: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda each: each.id):
        pairs.setdefault(item.pair or item.id, []).append(item)
    left = list(pairs.values())
    chance.shuffle(left)
    taken: list[Item] = []
    while left:
        facets, screens = _counts(each.facet for each in taken), _counts(each.pictures for each in taken)
        best = min(left, key=lambda pair: (facets.get(pair[0].facet, 0), screens.get(pair[0].pictures, 0)))
        left.remove(best)
        if len(taken) + len(best) <= most:
            taken += best
    return taken


def _counts(of: Iterable[object]) -> dict[object, int]:
    counts: dict[object, int] = {}
    for each in of:
        counts[each] = counts.get(each, 0) + 1
    return counts


def shown_by(items: Iterable[Item]) -> set[str]:
    """The names of all pictures that items show."""
    names: set[str] = set()
    for item in items:
        names.update(item.pictures)
        if item.pictured:
            names.update(item.options)
    return names


def _pictures(frames: Path, images: Path, items: Sequence[Item]) -> None:
    """Copy what the items show, and remove what no item shows any more."""
    wanted = {f"{name}.png" for name in shown_by(items)}
    try:
        images.mkdir(parents=True, exist_ok=True)
        for old in images.iterdir():
            if old.name not in wanted:
                old.unlink()
        for name in sorted(wanted):
            if not (images / name).exists():
                part = images / f".{name}"
                shutil.copyfile(frames / name, part)
                part.rename(images / name)
    except OSError as err:
        raise BadInput(f"cannot put the pictures into {images}: {err}") from err


def _merged(dropped: Iterable[Dropped]) -> Iterator[Dropped]:
    """Each reason once, with how many there were."""
    counts: dict[tuple[str, int, Rung, str], int] = {}
    for each in dropped:
        key = (each.task, each.seed, each.rung, each.why)
        counts[key] = counts.get(key, 0) + each.count
    for (task, seed, rung, why), count in sorted(counts.items()):
        yield Dropped(task=task, seed=seed, rung=rung, why=why, count=count)
