"""What holds for all tests."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job begins so, and would hand it on to the programs that tests stop by Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
