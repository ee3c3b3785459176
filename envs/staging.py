"""The server's code, made ready for a root filesystem: compiled for its Python, once for each version of both.

See `envs.server.prepare` for what that saves. In the Docker image the same is done in its last layer.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from envs.errors import Gone
from envs.recipe import DIGEST, content_digest
from envs.recipe import cache as cache_folder
from envs.server.source import SHARED, code_digest

HERE = Path(__file__).parent
LIB = "/opt/handeye/lib"
"""Where the code is, inside."""
PREPARE_WITHIN = 60.0


def content(root: Path) -> str:
    """The digest of what the root filesystem holds; its name where it has none."""
    return content_digest(root) if (root / DIGEST).exists() else root.name


@cache
def prepared(root: Path) -> Path:
    """The folder of the server's code as it was when this process first asked, prepared for that root filesystem.

    See `envs.server.prepare`. Kept in CACHE/code by the digests of both. Raises Gone when it cannot be prepared.
    """
    folder = cache_folder() / "code" / f"{code_digest()[:16]}-{content(root)[:16]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
            lib = Path(scratch) / "lib"
            for source in (*HERE.glob("server/**/*.py"), *(HERE / name for name in ("__init__.py", *SHARED))):
                target = lib / "envs" / source.relative_to(HERE)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
            _prepare(root, lib)
            with contextlib.suppress(OSError):  # another process was first
                lib.rename(folder)
    return folder


def _prepare(root: Path, lib: Path) -> None:
    command = [
        *("bwrap", "--overlay-src", str(root), "--tmp-overlay", "/", "--proc", "/proc", "--dev", "/dev"),
        *("--tmpfs", "/tmp", "--dir", LIB, "--bind", str(lib), LIB, "--unshare-pid", "--unshare-net", "--clearenv"),
        *("--setenv", "PATH", "/usr/bin:/usr/sbin", "--setenv", "PYTHONPATH", LIB, "--chdir", "/"),
        *("/usr/bin/python3", "-s", "-P", "-m", "envs.server.prepare", LIB),
    ]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=PREPARE_WITHIN, check=False)
    if tried.returncode != 0:
        said = (tried.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Gone(f"the desktop did not start: its server's code cannot be prepared: {said}")
