"""`handeye osworld serve`: a desktop that answers OSWorld's API, until Ctrl-C."""

from __future__ import annotations

import sys

from agent import asking
from envs.errors import BadInput, Gone
from envs.osworld.bridge import bridge
from envs.osworld.ways import CHROMIUM, VLC
from envs.remote import RemoteDesktop
from envs.settle import until


def serve(desktop: str, size: str, port: int) -> None:
    """Print the API's address and those that lead to Chromium's and VLC's ports inside, and serve.

    Raises BadInput for a desktop without a machine or a port that is taken, Gone when the desktop dies.
    """
    name = desktop or asking.usual_desktop()
    made = asking.desktop(name, asking.size(size), "")()
    try:
        if not isinstance(made, RemoteDesktop):
            raise BadInput(f"the desktop {name!r} has no machine to serve; use --desktop embedded or docker")
        with bridge(made, port) as serving:
            sys.stdout.write(f"http://{serving.address}\n")
            sys.stdout.write(f"chromium 127.0.0.1:{serving.leading_to(CHROMIUM)}\n")
            sys.stdout.write(f"vlc 127.0.0.1:{serving.leading_to(VLC)}\n")
            sys.stdout.flush()
            while not (cause := until(made.sandbox.cause, deadline=3600.0, pause=0.5)):
                pass
            raise Gone(f"the desktop is gone: {cause}")
    finally:
        made.close()
