"""Desktops made ready ahead: taken at once, each used once, all closed."""

from __future__ import annotations

import pytest

from envs.errors import BadInput, DesktopFault, Gone
from envs.fake import FakeDesktop
from envs.pool import Pool
from envs.settle import until
from envs.types import SCREEN, Launch, Move, Point, Scene


class Fleet:
    """Makes fakes and remembers them."""

    def __init__(self) -> None:
        self.made: list[FakeDesktop] = []

    def __call__(self) -> FakeDesktop:
        self.made.append(FakeDesktop(SCREEN))
        return self.made[-1]

    def closed(self) -> int:
        return sum(_closed(each) for each in self.made)


def _closed(desktop: FakeDesktop) -> bool:
    try:
        desktop.reset(Scene())
    except Gone:
        return True
    return False


def test_as_many_are_ready_as_asked_and_no_more() -> None:
    fleet = Fleet()
    with Pool(fleet, ahead=3) as pool:
        pool.wait(3, deadline=5.0)
        assert len(fleet.made) == 3
        pool.take()
        pool.wait(3, deadline=5.0)
        assert len(fleet.made) == 4


def test_all_are_closed_at_the_end_those_taken_too() -> None:
    fleet = Fleet()
    with Pool(fleet, ahead=2) as pool:
        pool.take()
        pool.wait(2, deadline=5.0)
    assert fleet.closed() == len(fleet.made) == 3


def test_every_reset_is_on_another_and_the_last_one_is_closed() -> None:
    fleet = Fleet()
    with Pool(fleet, ahead=1) as pool:
        desktop = pool.desktop()
        probe = desktop.probe
        desktop.reset(Scene(open=(Launch(argv=("dialog", "first")),)))
        assert [window.title for window in probe.windows()] == ["first"]
        first = desktop.inner
        desktop.step(Move(at=Point(x=1, y=1)))
        desktop.reset(Scene())
        assert desktop.inner is not first
        assert probe.windows() == ()
        assert isinstance(first, FakeDesktop)
        assert until(lambda: _closed(first), deadline=5.0)
        assert (desktop.size, desktop.about.kind) == (SCREEN, "fake")


def test_what_making_one_raises_is_raised_where_it_is_asked_for() -> None:
    def broken() -> FakeDesktop:
        raise BadInput("no engine")

    with Pool(broken) as pool:
        for _ in range(2):
            with pytest.raises(BadInput, match="no engine"):
                pool.take()


def test_a_closed_pool_gives_none() -> None:
    pool = Pool(Fleet())
    pool.close()
    pool.close()
    with pytest.raises(DesktopFault, match="closed"):
        pool.take()
