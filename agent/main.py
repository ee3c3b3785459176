"""The `handeye` command: first sees to it that our packages are ours, then hands over to `agent.cli`.

Our import names are plain words, and other distributions have packages of the same names. Installed beside us
one would take our place, or write over our files, without a word. So nothing of ours is imported before it is
known whose they are.
"""

import importlib.util
import sys
from pathlib import Path

OURS = ("agent", "envs", "tasks", "scoring")
NAME = "handeye"


def strangers(paths: list[str]) -> list[tuple[str, str]]:
    """Our package names that another distribution also has, with whose they are.

    Reads the lists of installed files as text: `importlib.metadata.packages_distributions` says the same, and
    takes 0.1 s, a third of what `handeye --help` may.
    """
    found = []
    for record in (record for path in paths for record in Path(path or ".").glob("*.dist-info/RECORD")):
        owner = record.parent.name.partition("-")[0]
        if owner == NAME:
            continue
        listed = b"\n" + record.read_bytes()
        found += [(name, owner) for name in OURS if f"\n{name}/".encode() in listed]
    return found


def elsewhere() -> list[tuple[str, str]]:
    """Our package names that would be imported from somewhere else, with where."""
    root = Path(__file__).resolve().parent.parent
    found = []
    for name in OURS:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != root / name / "__init__.py":
            found.append((name, str(origin.parent) if origin else "nowhere"))
    return found


def main() -> int:
    """Run the command line. Returns its exit code."""
    for name, owner in strangers(sys.path):
        return _refuse(
            f"the package {name!r} also comes from {owner}; uninstall that, or give {NAME} its own environment"
        )
    for name, where in elsewhere():
        return _refuse(
            f"the package {name!r} comes from {where}, not from {NAME}; start it elsewhere, or reinstall it"
        )
    from agent.cli import run

    return run(sys.argv[1:])


def _refuse(why: str) -> int:
    sys.stderr.write(f"{NAME}: {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
