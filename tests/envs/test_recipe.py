"""The recipe's digests, and what is refused, kept and removed on the way to a root filesystem."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envs import recipe
from envs.errors import BadInput
from envs.launch import EmbeddedDesktop
from envs.types import Scene


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, with nothing built in it."""
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path))
    return tmp_path / "rootfs"


def finished(folder: Path, digest: str = "0" * 64) -> Path:
    """What a finished build leaves, as far as anyone looks."""
    (folder / "etc/handeye").mkdir(parents=True)
    (folder / recipe.DIGEST).write_text(f"{digest}\n", encoding="ascii")
    return folder


def test_the_cache_follows_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.delenv("HANDEYE_CACHE", raising=False)
    assert recipe.cache() == Path("/somewhere/handeye")
    monkeypatch.setenv("HANDEYE_CACHE", "/elsewhere")
    assert recipe.cache() == Path("/elsewhere")


def test_the_recipe_is_found_and_has_one_digest() -> None:
    assert (recipe.recipe_folder() / "Dockerfile").is_file()
    assert recipe.recipe_digest() == recipe.recipe_digest()
    assert len(recipe.recipe_digest()) == 64


def test_the_recipe_has_no_python_and_names_no_host() -> None:
    files = [path for path in recipe.recipe_folder().rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".py"]
    assert not [path for path in files if b"deb.debian" in path.read_bytes()]


def test_nothing_is_built_in_an_empty_cache(empty_cache: Path) -> None:
    assert recipe.built() is None


def test_what_is_built_is_used_again(empty_cache: Path) -> None:
    folder = finished(empty_cache / recipe.recipe_digest()[:16], digest="a" * 64)
    assert recipe.built() == folder
    assert recipe.ensure_rootfs() == folder
    assert recipe.content_digest(folder) == "a" * 64


def test_a_root_filesystem_of_another_recipe_is_not_taken(empty_cache: Path) -> None:
    finished(empty_cache / "0123456789abcdef")
    assert recipe.built() is None


@pytest.mark.parametrize("left", ["0123456789abcdef.partial", None], ids=["of another recipe", "of this recipe"])
def test_what_a_killed_build_left_is_removed(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch, left: str | None
) -> None:
    partial = empty_cache / (left or f"{recipe.recipe_digest()[:16]}.partial")
    finished(partial)
    monkeypatch.setenv("PATH", str(empty_cache))
    with pytest.raises(BadInput, match=r"needs .*: apt-get install debootstrap bubblewrap npm|needs root"):
        recipe.ensure_rootfs()
    assert not partial.exists()


def test_old_root_filesystems_are_pruned_and_this_one_stays(empty_cache: Path) -> None:
    old = finished(empty_cache / "0123456789abcdef")
    current = finished(empty_cache / recipe.recipe_digest()[:16])
    recipe.prune()
    assert not old.exists()
    assert current.exists()


@pytest.mark.embedded
@pytest.mark.slow
def test_the_content_digest_can_be_taken_again() -> None:
    rootfs = recipe.ensure_rootfs()
    shown = [
        "--ro-bind",
        str(rootfs),
        "/",
        "--tmpfs",
        "/mnt",
        "--ro-bind",
        str(recipe.recipe_folder()),
        "/mnt/recipe",
    ]
    command = ["bwrap", *shown, "--dev", "/dev", "--tmpfs", "/tmp", "sh", "/mnt/recipe/digest.sh"]
    again = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert again == recipe.content_digest(rootfs)


@pytest.mark.embedded
def test_two_fresh_desktops_show_the_same_first_screen() -> None:
    shots = []
    for _ in range(2):
        desktop = EmbeddedDesktop()
        try:
            shots.append(desktop.reset(Scene()).png)
        finally:
            desktop.close()
    assert shots[0] == shots[1]
