"""Environments of their own that hold built wheels, and this environment's other packages."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]


def build(project: Path, folder: Path) -> Path:
    """The project's wheel, built into the folder."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(argv, cwd=project, check=True, capture_output=True)
    return max(folder.glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime_ns)


def environment(folder: Path, *projects: Path) -> Path:
    """The folder of the commands of an environment in which the projects are installed from their wheels."""
    uv = Path(sys.executable).with_name("uv")
    wheels = [build(project, folder) for project in projects]
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--no-deps", "--python", python, *wheels], check=True)
    # A path file inside a folder that is itself added by one is not followed: the checkout stays out.
    others = next((folder / "env" / "lib").glob("python*/site-packages")) / "others.pth"
    others.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python.parent
