"""What each call does, over the parts that do it. Imports them all, which takes a while: see `app`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from envs import wire
from envs.errors import Refused
from envs.server import (
    a11y,
    clock,
    commands,
    files,
    hands,
    keyboard,
    mouse,
    panel,
    people,
    pings,
    ports,
    recording,
    screen,
    settle,
    sites,
    tips,
    windows,
)
from envs.server.display import Display
from envs.types import Closed, HitTest, KeyDown, KeyUp, Move, Ran, Took, Wait

GENTLE = (Move, KeyDown, KeyUp)
"""Actions whose effects, if any, come at once: the fast rule is enough."""


CAUGHT_UP_SECONDS = 2.0


class Calls:
    """The parts, and the calls on them. `answer` may be called by several threads."""

    def __init__(self, config: wire.Config, display: Display) -> None:
        self._config = config
        self._stepping = threading.Lock()
        self._display = display
        self._screen = screen.Screen(self._display)
        self._pings = pings.Pings(self._display)
        self._settler = settle.Settler(self._display, self._pings)
        manager = windows.Manager(self._display)
        keys = keyboard.Keyboard(self._display, self._caught_up)
        self._hands = hands.Hands(self._display, keys, mouse.Mouse(self._display), manager)
        self._accessibility = a11y.Accessibility()
        self._recorder = recording.Recorder(self._display.size)
        self._sites = sites.Sites()
        self._ports = ports.Ports()
        self._calls: dict[str, Callable[[Any], Closed]] = {  # Any: each takes its own request, see wire.CALLS
            "look": self._look, "step": self._step, "settle": self._settle,
            "read_file": self._read_file, "files": self._files, "run": self._run, "windows": self._windows,
            "put": self._put, "launch": self._launch, "site": self._site, "posts": self._posts,
            "tree": self._tree, "hits": self._hits, "clock": self._set_clock, "record": self._record,
            "recorded": self._recorded, "port": self._port,
        }  # fmt: skip

    def answer(self, name: str, request: Closed) -> Closed:
        """Fulfil one call. Raises Trouble."""
        return self._calls[name](request)

    def end(self) -> None:
        """No process of ours is left."""
        self._recorder.end()
        self._accessibility.end()

    def _look(self, request: wire.Look) -> wire.Seen:
        with self._stepping:
            return self._seen(request.have, settle.Rest(settled=True, seconds=0.0))

    def _step(self, request: wire.Step) -> wire.Seen:
        action, began = request.action, time.perf_counter()
        with self._stepping:
            try:
                self._hands.do(action)
            except Refused as refused:
                return self._seen(request.have, settle.Rest(settled=True, seconds=0.0), refused=str(refused))
            acted = time.perf_counter() - began
            if isinstance(action, Wait):
                rest = self._settler.wait(action.seconds, self._rule())
            else:
                rule = settle.RULES["fast"] if isinstance(action, GENTLE) else self._rule()
                rest = self._settler.settle(rule, deadline=rule.within)
            return self._seen(request.have, rest, acted=acted)

    def _rule(self) -> settle.Rule:
        return settle.RULES[self._config.settle]

    def _seen(self, have: int, rest: settle.Rest, *, acted: float = 0.0, refused: str = "") -> wire.Seen:
        began = time.perf_counter()
        frame, png = self._screen.look(have)
        took = Took(act=acted, settle=rest.seconds, look=time.perf_counter() - began)
        return wire.Seen(
            frame=frame, png=png, size=self._display.size, settled=rest.settled, refused=refused, took=took
        )

    def _settle(self, request: wire.Settle) -> wire.Settled:
        rule = self._rule()
        rule = replace(rule, still=max(rule.still, request.still))
        panel.await_panel(self._display)
        rest = self._settler.settle(rule, deadline=request.deadline)
        return wire.Settled(settled=rest.settled, seconds=rest.seconds)

    def _read_file(self, request: wire.ReadFile) -> wire.Bytes:
        return wire.Bytes(data=files.read_file(request.path))

    def _files(self, request: wire.Files) -> wire.Entries:
        return wire.Entries(entries=files.files(request.pattern))

    def _run(self, request: wire.RunCommand) -> Ran:
        environment = people.session_environment() if request.display else people.clean_environment()
        return commands.run(request.argv, environment, seconds=request.seconds)

    def _windows(self, _: wire.GetWindows) -> wire.Windows:
        return wire.Windows(windows=windows.windows(self._display))

    def _put(self, request: wire.PutFiles) -> wire.Nothing:
        for each in request.files:
            files.put(each, now=clock.start())
        return wire.Nothing()

    def _launch(self, request: wire.StartApp) -> wire.Nothing:
        commands.launch(self._display, request.launch, people.session_environment())
        return wire.Nothing()

    def _site(self, request: wire.StartSite) -> wire.Nothing:
        self._sites.serve(request.site)
        return wire.Nothing()

    def _posts(self, request: wire.GetPosts) -> wire.Posts:
        return wire.Posts(posts=self._sites.posts(request.host))

    def _tree(self, _: wire.GetTree) -> wire.Tree:
        return wire.Tree(nodes=tips.without_tips(self._accessibility.tree().nodes))

    def _hits(self, _: wire.GetHits) -> HitTest:
        told = self._accessibility.hits()
        nodes = tips.without_tips(told.nodes)
        return HitTest(nodes=nodes, hits={place: hits for place, hits in told.hits.items() if nodes[place].showing})

    def _set_clock(self, request: wire.SetClock) -> wire.Nothing:
        clock.put(request.clock)
        return wire.Nothing()

    def _record(self, request: wire.StartRecording) -> wire.Nothing:
        self._recorder.start(request.fps)
        return wire.Nothing()

    def _recorded(self, _: wire.StopRecording) -> wire.Bytes:
        return wire.Bytes(data=self._recorder.stop())

    def _port(self, request: wire.OpenPort) -> wire.Nothing:
        self._ports.open(request.port)
        return wire.Nothing()

    def _caught_up(self) -> None:
        """The client with the focus has taken the keys sent so far, as far as can be told."""
        self._pings.caught_up(seconds=CAUGHT_UP_SECONDS)
