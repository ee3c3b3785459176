"""The screen's pixels in a shared memory segment that is kept (MIT-SHM): a full screen is there in 0.3 ms."""

from __future__ import annotations

import ctypes

import xcffib.shm
from xcffib.xproto import ImageFormat

from envs.server.display import Display
from envs.server.people import DISPLAY

IPC_CREAT, IPC_RMID, IPC_SET, PRIVATE = 0o1000, 0, 1, 0
ALL_PLANES = 0xFFFFFFFF


class Pixels:
    """Memory of the screen's size, 32 bits a pixel, B G R x; rows are as old as their last `grab`.

    Only root and the X server may touch it: X checks that the client who names it may.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self.width, self.height = display.size.width, display.size.height
        self.stride = self.width * 4
        size = self.stride * self.height
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        identity = libc.shmget(PRIVATE, size, IPC_CREAT | 0o600)
        if identity < 0:
            raise OSError(ctypes.get_errno(), "no shared memory for the screen")
        _give_to_display(libc, identity)
        address = libc.shmat(identity, None, 0)
        self._segment: int = display.x.generate_id()
        display.shm.Attach(self._segment, identity, False, is_checked=True).check()
        libc.shmctl(identity, IPC_RMID, None)
        self.memory = memoryview((ctypes.c_char * size).from_address(address)).cast("B")

    def grab(self, top: int, rows: int) -> xcffib.shm.GetImageCookie:
        """Ask for those rows; they are there once the reply is."""
        return self._display.shm.GetImage(
            self._display.root, 0, top, self.width, rows, ALL_PLANES, ImageFormat.ZPixmap,
            self._segment, top * self.stride,
        )  # fmt: skip


class _Perm(ctypes.Structure):
    """`struct ipc_perm` of glibc on 64-bit Linux, as far as IPC_SET reads it, with room for `shmid_ds`."""

    _fields_ = (
        ("key", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("gid", ctypes.c_uint),
        ("cuid", ctypes.c_uint),
        ("cgid", ctypes.c_uint),
        ("mode", ctypes.c_uint),
        ("rest", ctypes.c_ulong * 32),
    )


def _give_to_display(libc: ctypes.CDLL, identity: int) -> None:
    perm = _Perm(uid=DISPLAY.uid, gid=DISPLAY.uid, mode=0o600)
    if libc.shmctl(identity, IPC_SET, ctypes.byref(perm)) < 0:
        raise OSError(ctypes.get_errno(), "the screen's shared memory cannot be given to the X server")
