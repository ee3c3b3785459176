"""A fresh desktop, its window manager up and its server answering, beside an empty `docker run` in the same run."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from looking import ms
from rows import Row, p50, p90

from envs.container import DockerDesktop, connect, image_of
from envs.engine import engine
from envs.launch import EmbeddedDesktop
from envs.pool import Pool
from envs.types import SCREEN

EIGHT = 8
EMPTY = ("docker", "run", "--rm", "--entrypoint", "true")
"""The engine's own least."""


def section(count: int) -> list[Row]:
    """The table's lines on starting, every kind measured in turn."""
    with engine() as address:
        os.environ["DOCKER_HOST"] = address
        image = image_of(connect())
        empty, docker, embedded = [], [], []
        for _ in range(count):
            empty.append(ms(lambda: subprocess.run([*EMPTY, image], check=True)))
            docker.append(fresh(DockerDesktop))
            embedded.append(fresh(EmbeddedDesktop))
    eight = [at_once() for _ in range(count)]
    pooled = from_pool(count)
    base, name = p50(empty), "starting"

    def beside(what: str, took: list[float], limit: float) -> Row:
        note = f"{p50(took):.0f} ms, p90 {p90(took):.0f}"
        ratio = p50(took) / base
        return Row(section=name, what=what, value=ratio, unit="x docker run", n=len(took), limit=limit, note=note)

    return [
        Row(section=name, what="docker run --rm IMAGE true, p50", value=base, unit="ms", n=count),
        beside("fresh desktop in a container", docker, 2.5),
        beside("fresh embedded desktop", embedded, 0.6),
        beside("eight embedded desktops at once", eight, 3),
        Row(
            section=name,
            what="a desktop that the pool has ready, p50",
            value=p50(pooled),
            unit="ms",
            n=count,
            limit=20,
        ),
    ]


def fresh(kind: type[DockerDesktop] | type[EmbeddedDesktop]) -> float:
    """Milliseconds until one is ready; its end is not counted."""
    made: list[DockerDesktop | EmbeddedDesktop] = []
    took = ms(lambda: made.append(kind(SCREEN)))
    made[0].close()
    return took


def at_once() -> float:
    """Milliseconds until eight are ready."""
    made: list[EmbeddedDesktop] = []
    with ThreadPoolExecutor(EIGHT) as threads:
        took = ms(lambda: made.extend(threads.map(lambda _: EmbeddedDesktop(SCREEN), range(EIGHT))))
        list(threads.map(lambda each: each.close(), made))
    return took


def from_pool(count: int) -> list[float]:
    """Milliseconds to have a desktop from a pool that has one ready."""
    took = []
    with Pool(lambda: EmbeddedDesktop(SCREEN), ahead=1) as pool:
        for _ in range(count):
            pool.wait(1)
            took.append(ms(pool.take))
    return took
