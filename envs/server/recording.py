"""A continuous recording of the screen, by ffmpeg as the X server's user: out of the desktop user's reach.

The film goes to a file in memory that has no name, so no disk can fill and nobody can touch it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading

from envs.server.people import DISPLAY
from envs.server.trouble import Trouble
from envs.types import Size

STOP_SECONDS = 15.0
MOST_FPS = 60


class Recorder:
    """At most one recording at a time."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._ffmpeg: subprocess.Popen[bytes] | None = None
        self._film = -1

    def start(self, fps: int) -> None:
        """Frames are being taken. Raises Trouble when a recording is under way, or cannot be."""
        if not 1 <= fps <= MOST_FPS:
            raise Trouble("bad_request", f"{fps} frames a second: it must be from 1 to {MOST_FPS}")
        with self._lock:
            if self._ffmpeg is not None:
                raise Trouble("bad_request", "a recording is under way already")
            self._film = os.memfd_create("film")
            self._ffmpeg = subprocess.Popen(
                _command(self._size, fps, self._film),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(self._film,),
                env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
                user=DISPLAY.uid,
                group=DISPLAY.uid,
                extra_groups=(),
                start_new_session=True,
            )

    def stop(self) -> bytes:
        """End it; the film. Raises Trouble when there is none."""
        with self._lock:
            if self._ffmpeg is None:
                raise Trouble("bad_request", "no recording is under way")
            ffmpeg, film = self._ffmpeg, self._film
            self._ffmpeg, self._film = None, -1
        try:
            ffmpeg.send_signal(signal.SIGINT)
            try:
                ffmpeg.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                ffmpeg.kill()
                ffmpeg.wait()
            length = os.fstat(film).st_size
            if not length:
                raise Trouble("internal", f"the recording is empty: ffmpeg ended with code {ffmpeg.returncode}")
            return os.pread(film, length, 0)
        finally:
            os.close(film)

    def end(self) -> None:
        """Nothing is recorded any more."""
        with self._lock:
            if self._ffmpeg is not None:
                self._ffmpeg.kill()


def _command(size: Size, fps: int, film: int) -> list[str]:
    grab = ["-f", "x11grab", "-framerate", str(fps), "-video_size", f"{size.width}x{size.height}", "-i", ":0"]
    # H.264 in this colour format wants even sides.
    code = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    return ["ffmpeg", "-loglevel", "error", "-nostdin", *grab, *code, "-f", "mp4", "-fd", str(film), "fd:"]
