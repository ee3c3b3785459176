"""`handeye osworld fetch`: the files of OSWorld's tasks into a folder, because a person asked for it."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.osworld.shown import chosen
from envs.errors import BadInput
from tasks.osworld import assets, needs
from tasks.osworld import fetch as fetching

OK = 0


def fetch(where: Path, globs: tuple[str, ...], folder: Path, *, web: bool = False, dry: bool = False) -> int:
    """Fetch what is missing in the folder. Raises BadInput where a file could not be had; the others are there."""
    examples = chosen(where, globs).examples
    kinds = {"assets", "web"} if web else {"assets"}
    wanted = [asset for each in examples if needs.sort(each).kind in kinds for asset in assets.of(each)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise BadInput(f"wanted a folder for files, found at {folder}: {err.strerror}; choose another") from err
    missing = set(assets.Assets(folder).missing(wanted))
    # Only of those that are missing, but with the store's address from all of them.
    everything = fetching.addressed(wanted)
    addresses = {key: url for key, url in everything.items() if key in missing}
    if dry:
        sys.stdout.write("".join(f"{url}\n" for url in addresses.values()))
        return OK
    lost = fetching.fetch_all(addresses, folder, _Told(len(addresses)))
    if lost:
        raise BadInput(f"{len(lost)} of {len(addresses)} files could not be had, the first: {lost[0]}")
    sys.stdout.write(f"{len(everything)} files in {folder}; {len(addresses)} of them are new\n")
    return OK


class _Told:
    """A line on stderr for each file that came, or did not."""

    def __init__(self, planned: int) -> None:
        self._planned, self._done = planned, 0

    def __call__(self, got: fetching.Got | BadInput) -> None:
        self._done += 1
        said = str(got) if isinstance(got, BadInput) else f"{got.key}: {got.bytes} bytes"
        sys.stderr.write(f"{self._done}/{self._planned} {said}\n")
