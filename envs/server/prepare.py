"""Work that a server would do anew at each start, done once for each version of its code, where it will run.

    PYTHONPATH=/opt/handeye/lib python3 -s -P -m envs.server.prepare /opt/handeye/lib

compiles the code in that folder and leaves there, as a ready module, the C declarations that xcffib parses at each
import: 50 of 100 ms until a fresh desktop answers (measured). A server that finds neither starts all the same.
"""

from __future__ import annotations

import ctypes
import sys
from types import ModuleType
from typing import Final

DECLARATIONS: Final = "handeye_xcb"


def lend() -> None:
    """Import xcffib with the declarations made ready, where there are any."""
    try:
        ready = __import__(DECLARATIONS)
    except ModuleNotFoundError:
        return
    stand_in = ModuleType("xcffib.ffi")
    stand_in.__dict__["ffi"] = ready.ffi
    sys.modules["xcffib.ffi"] = stand_in
    # `ctypes.util` would load a dozen modules, and run ldconfig, to find the one library that xcffib asks for.
    finder = ModuleType("ctypes.util")
    finder.__dict__["find_library"] = lambda name: f"lib{name}.so.1"
    sys.modules["ctypes.util"] = finder
    ctypes.__dict__["util"] = finder
    try:
        __import__("xcffib")
    finally:
        del sys.modules["ctypes.util"], ctypes.__dict__["util"]


def prepare(folder: str) -> None:
    """Compile the folder's code, unconditionally valid, and leave the declarations in it."""
    import compileall
    from py_compile import PycInvalidationMode

    from xcffib.ffi import ffi

    from envs.server.source import PREPARED, code_digest

    PREPARED.write_text(code_digest(), encoding="ascii")
    ffi.set_source(DECLARATIONS, None)
    ffi.compile(tmpdir=folder)
    whole = compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    if not whole:
        raise SystemExit(f"the code in {folder} could not be compiled")


if __name__ == "__main__":
    prepare(sys.argv[1])
