"""Pictures of the screen and the accessibility tree: how long until the host has them, beside the peers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from desk import office, rest, run
from rows import Row, p50, p90

from envs.launch import EmbeddedDesktop
from envs.wire import Look, Seen

PEERS_SHOTS = {
    "pyautogui.screenshot() saved as PNG": "pyautogui",
    "scrot": "scrot",
    "cua-computer-server, screenshot": "cua",
}


def ms(what: Callable[[], object]) -> float:
    """How many milliseconds it takes."""
    start = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - start)


def section(count: int) -> list[Row]:
    """The table's lines on looking."""
    with office(peers=True) as desktop:
        full, same = pictures(desktop, count)
        tree = [ms(desktop.probe.tree) for _ in range(count)]
        nodes = desktop.probe.tree()
        peers = {what: peer(desktop, name, count) for what, name in PEERS_SHOTS.items()}
    cells = sum(node.role == "table cell" for node in nodes)
    cua = p50(peers["cua-computer-server, screenshot"])
    name = "looking"
    return [
        Row(
            section=name,
            what="the whole screen changed, to the host, p50",
            value=p50(full),
            unit="ms",
            n=count,
            limit=10,
        ),
        Row(section=name, what="the whole screen changed, to the host, p90", value=p90(full), unit="ms", n=count),
        Row(section=name, what="nothing changed, p50", value=p50(same), unit="ms", n=count, limit=2),
        *(Row(section=name, what=what, value=p50(took), unit="ms", n=count) for what, took in peers.items()),
        Row(
            section=name,
            what="cua-computer-server's time over ours",
            value=cua / p50(full),
            unit="x",
            n=count,
            limit=40,
            at_least=True,
        ),
        Row(
            section=name,
            what="accessibility tree, p50",
            value=p50(tree),
            unit="ms",
            n=count,
            limit=250,
            note=f"{len(nodes)} nodes, {cells} of them visible cells",
        ),
    ]


def pictures(desktop: EmbeddedDesktop, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds for a look after the other window came to the front, and for one with nothing new."""
    full, same = [], []
    for number in range(count):
        run(desktop, "wmctrl", "-a", ("sheet", "page")[number % 2])
        rest(desktop)
        seen: list[Seen] = []
        full.append(ms(lambda seen=seen: seen.append(desktop.agent.call("look", Look(), Seen))))
        frame = seen[0].frame
        same.append(ms(lambda frame=frame: desktop.agent.call("look", Look(have=frame), Seen)))
    return full, same


def peer(desktop: EmbeddedDesktop, name: str, count: int) -> list[float]:
    """The peer's milliseconds for each screenshot, measured inside the same desktop."""
    out = run(desktop, "python3", "/tmp/bench/shots.py", name, str(count))
    return [float(each) for each in json.loads(out)]
