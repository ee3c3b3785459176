"""The digest of the code that answers: tells an image that is older than the host's code."""

from __future__ import annotations

from pathlib import Path

PREPARED = Path(__file__).parent.parent.parent / "handeye_code"
"""Where `envs.server.prepare` leaves the digest of the code that it has compiled."""


def running_digest() -> str:
    """The digest of the code in use, as it was taken when that was prepared; loading OpenSSL for it takes 5 ms."""
    return PREPARED.read_text(encoding="ascii") if PREPARED.exists() else code_digest()


def code_digest() -> str:
    """SHA-256 over the names and bytes of the `envs` files that run inside, as `envs.recipe` computes it."""
    import hashlib

    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("server/**/*.py"), *(folder / name for name in SHARED)]):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


SHARED = ("errors.py", "keys.py", "types.py", "wire.py")
"""Besides the server's own, the files that run on both sides."""
