"""Work that a server would do anew at each start, done once for each version of its code, where it will run.

    PYTHONPATH=/opt/handeye/lib python3 -s -P -m envs.server.prepare /opt/handeye/lib

compiles the code in that folder and leaves there, as a ready module, the C declarations that xcffib parses at each
import: 50 of 100 ms until a fresh desktop answers (measured). A server that finds neither starts all the same.
"""

from __future__ import annotations

import ctypes.util
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
    find = ctypes.util.find_library
    # It would run ldconfig to find the one library that xcffib asks for.
    ctypes.util.find_library = lambda name: f"lib{name}.so.1"
    try:
        __import__("xcffib")
    finally:
        ctypes.util.find_library = find


def prepare(folder: str) -> None:
    """Compile the folder's code, unconditionally valid, and leave the declarations in it."""
    import compileall
    from py_compile import PycInvalidationMode

    from xcffib.ffi import ffi

    ffi.set_source(DECLARATIONS, None)
    ffi.compile(tmpdir=folder)
    whole = compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    if not whole:
        raise SystemExit(f"the code in {folder} could not be compiled")


if __name__ == "__main__":
    prepare(sys.argv[1])
