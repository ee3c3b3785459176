"""How long a peer takes for one screenshot: prints the milliseconds of each of N, as JSON. Runs inside the desktop.

`pyautogui` and `scrot` save a PNG to memory-backed storage, as their users do; `cua` asks the computer server of
the PyPI package cua-computer-server, started here, over HTTP.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request

OUT = "/dev/shm/shot.png"
PEERS = "/opt/peers"


def timed(shot, count):
    shot()
    took = []
    for _ in range(count):
        start = time.perf_counter()
        shot()
        took.append(1000 * (time.perf_counter() - start))
    return took


def by_pyautogui():
    import pyautogui

    return lambda: pyautogui.screenshot().save(OUT)


def by_scrot():
    here = f"{PEERS}/debian/usr"
    libraries = f"{here}/lib/x86_64-linux-gnu"
    env = {**os.environ, "LD_LIBRARY_PATH": libraries, "IMLIB2_LOADER_PATH": f"{libraries}/imlib2/loaders"}
    return lambda: subprocess.run([f"{here}/bin/scrot", "-o", OUT], check=True, env=env)


def by_cua():
    body = json.dumps({"command": "screenshot", "params": {}}).encode()
    request = urllib.request.Request(
        "http://127.0.0.1:8000/cmd", data=body, headers={"Content-Type": "application/json"}
    )

    def shot():
        with urllib.request.urlopen(request, timeout=30) as reply:
            if b'"success": true' not in reply.read().replace(b'"success":true', b'"success": true'):
                raise RuntimeError("cua-computer-server took no screenshot")

    server = subprocess.Popen(
        [f"{PEERS}/bin/python", "-m", "computer_server", "--port", "8000", "--log-level", "error"],
        env={**os.environ, "PATH": f"{os.environ['PATH']}:{PEERS}/debian/usr/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 180
    while True:
        try:
            shot()
            return shot, server
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                raise
            time.sleep(0.2)  # noqa: TID251 - until it answers, at most 180 s


def main(peer, count):
    if peer == "cua":
        shot, server = by_cua()
        try:
            took = timed(shot, count)
        finally:
            server.terminate()
    else:
        took = timed({"pyautogui": by_pyautogui, "scrot": by_scrot}[peer](), count)
    print(json.dumps(took))


main(sys.argv[1], int(sys.argv[2]))
