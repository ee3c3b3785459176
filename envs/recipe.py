"""The desktop's root filesystem and Docker image, each built once from the recipe in `docker/`.

The root filesystem stands in CACHE/rootfs/RECIPE/, where RECIPE is the digest of the recipe's files. Its content
digest is made by the recipe's last step, in either way of building, and stands in `etc/handeye/digest`. Where both
are wanted, the image is imported from the root filesystem, or that exported from the image. A last layer holds
the server's code, so that a change of code rebuilds one small layer.

Every function that waits writes lines of progress to stderr. What cannot be built raises BadInput.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from envs.errors import BadInput
from envs.server.source import SHARED, code_digest

if TYPE_CHECKING:
    from docker import DockerClient

HERE = Path(__file__).parent
BASE = "debian:trixie"
ROOT_IMAGE = "handeye/rootfs"
IMAGE = "handeye/desktop"
DIGEST = "etc/handeye/digest"
ROOTFS_LABEL = "handeye.rootfs"
CODE_LABEL = "handeye.code"
PREPARE = "RUN PYTHONPATH=/opt/handeye/lib python3 -s -P -m envs.server.prepare /opt/handeye/lib"
_PACKAGES_A_LINE = 100


def cache() -> Path:
    """Where what is costly to make is kept: $HANDEYE_CACHE, else in the user's cache folder."""
    chosen = os.environ.get("HANDEYE_CACHE")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "handeye"


def recipe_folder() -> Path:
    """The recipe: in an installed wheel inside this package, in a checkout beside it."""
    for folder in (HERE / "recipe_files", HERE.parent / "docker"):
        if (folder / "install.sh").is_file():
            return folder
    raise BadInput(f"no recipe of the desktop in {HERE.parent / 'docker'}: install handeye again")


@functools.cache
def recipe_digest() -> str:
    """SHA-256 over names and bytes of the recipe's files, but for what is only read by people.

    Taken once in a process: what it builds and looks for has one name, though the files change meanwhile.
    """
    folder = recipe_folder()
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def content_digest(rootfs: Path) -> str:
    """The digest that the recipe's last step took of the root filesystem."""
    return (rootfs / DIGEST).read_text(encoding="ascii").strip()


def built() -> Path | None:
    """The root filesystem of this recipe, if it is there, whole."""
    rootfs = _rootfs()
    return rootfs if (rootfs / DIGEST).is_file() else None


def ensure_rootfs(client: DockerClient | None = None) -> Path:
    """The root filesystem of this recipe, made if need be: out of the client's image, else by debootstrap.

    One process builds at a time; what a killed one left half done is removed. Raises BadInput.
    """
    there = built()
    if there is not None:
        return there
    with _building():
        rootfs = built()
        if rootfs is not None:
            return rootfs
        exported = client if client is not None and _has_image(client, _root_image()) else None
        _check_means(debootstrap=exported is None)
        partial = _rootfs().with_suffix(".partial")
        partial.mkdir()
        if exported is not None:
            _export(exported, partial)
        else:
            _bootstrap(partial)
        partial.rename(_rootfs())
        return _rootfs()


def ensure_image(client: DockerClient) -> str:
    """The name of the image of this recipe and this code, made if need be. Raises BadInput."""
    name = f"{IMAGE}:{recipe_digest()[:12]}-{code_digest()[:12]}"
    if not _has_image(client, name):
        _ensure_root_image(client)
        _say("adding the server's code to the image")
        _add_code(client, name)
    return name


def prune(client: DockerClient | None = None) -> None:
    """Remove root filesystems and images of other recipes and other code. None of them may be in use."""
    with _building():
        for folder in (cache() / "rootfs").iterdir():
            if folder.is_dir() and folder != _rootfs():
                shutil.rmtree(folder)
    if client is not None:
        keep = {_root_image(), f"{IMAGE}:{recipe_digest()[:12]}-{code_digest()[:12]}"}
        for name in (ROOT_IMAGE, IMAGE):
            for tag in {tag for image in client.images.list(name) for tag in image.tags} - keep:
                client.images.remove(tag)


def _rootfs() -> Path:
    return cache() / "rootfs" / recipe_digest()[:16]


def _root_image() -> str:
    return f"{ROOT_IMAGE}:{recipe_digest()[:12]}"


def _say(what: str) -> None:
    sys.stderr.write(f"handeye: {what}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def _building() -> Iterator[None]:
    """Alone in the folder of root filesystems, and nothing half done in it."""
    folder = cache() / "rootfs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is building the desktop: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob("*.partial"):
            _say(f"removing what an interrupted build left in {left}")
            shutil.rmtree(left)
        yield


def _check_means(*, debootstrap: bool) -> None:
    """Raises BadInput where this process cannot make a root filesystem."""
    if os.geteuid() != 0:
        raise BadInput("making the desktop's root filesystem needs root: run it as root or by sudo, or start Docker")
    wanted = (("debootstrap", "debootstrap"), ("bubblewrap", "bwrap"), ("npm", "npm")) if debootstrap else ()
    missing = [package for package, command in wanted if not shutil.which(command)]
    if missing:
        names = " ".join(missing)
        raise BadInput(f"making the desktop's root filesystem needs {names}: apt-get install {names}")


def _bootstrap(target: Path) -> None:
    """The recipe over a base by debootstrap."""
    archives = cache() / "apt" / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    log = target.with_suffix(".log")
    with tempfile.TemporaryDirectory(prefix="handeye-") as scratch:
        host = Path(scratch)
        _run(["sh", str(recipe_folder() / "host.sh"), str(host)], log)
        _say("fetching the editor from npm")
        _run(["sh", str(recipe_folder() / "fetch.sh"), str(host), str(cache())], log)
        _say("building the desktop's root filesystem: the base, by debootstrap (1 of 2)")
        _run(["sh", str(recipe_folder() / "base.sh"), str(target), str(host), str(archives)], log)
        _say("building the desktop's root filesystem: the applications (2 of 2); some minutes")
        _run(_inside(target, host, archives), log)
    for name, text in (("hostname", "desktop\n"), ("hosts", "127.0.0.1 localhost desktop\n"), ("resolv.conf", "")):
        (target / "etc" / name).write_text(text, encoding="ascii")
    log.unlink()


def _inside(target: Path, host: Path, archives: Path) -> list[str]:
    """The command that runs the install script in `target`, in namespaces that end with this process."""
    seen = ["--ro-bind", str(recipe_folder()), "/mnt/recipe", "--ro-bind", str(host), "/mnt/host"]
    kept = ["--bind", str(archives), "/var/cache/apt/archives"]
    names = ["--ro-bind", str(host / "resolv.conf"), "/etc/resolv.conf"] if (host / "resolv.conf").exists() else []
    own = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/mnt"]
    apart = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--clearenv"]
    environment = ["--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "--setenv", "HOME", "/root"]
    return [
        *("bwrap", "--bind", str(target), "/", *own, *seen, *kept, *names, *apart, *environment, "--chdir", "/"),
        *("sh", "/mnt/recipe/install.sh", "/mnt/host"),
    ]


def _run(command: list[str], log: Path) -> None:
    """Run a step of the build, its output in `log`. Raises BadInput with the last line of it."""
    last, done = "", 0
    with (
        log.open("a", encoding="utf-8") as out,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as step,
    ):
        assert step.stdout is not None
        for line in step.stdout:
            out.write(line)
            last = line.strip() or last
            if line.startswith("Setting up "):
                done += 1
                if done % _PACKAGES_A_LINE == 0:
                    _say(f"{done} packages set up")
    if step.returncode != 0:
        raise BadInput(f"the desktop could not be built: {last!r}; the whole output is in {log}")


def _has_image(client: DockerClient, name: str) -> bool:
    return bool(client.images.list(name))


def _ensure_root_image(client: DockerClient) -> None:
    """The image of the bare root filesystem: imported where that is built, else built on the registry's base."""
    if _has_image(client, _root_image()):
        return
    if built() is None and _pull(client):
        _build_root_image(client)
    else:
        _import(client, ensure_rootfs())


def _pull(client: DockerClient) -> bool:
    """Whether the registry gives the base."""
    from docker.errors import APIError

    try:
        client.images.pull(BASE)
    except APIError as err:
        _say(f"no {BASE} from the registry ({err.explanation or err}): taking debootstrap")
        return False
    return True


def _build_root_image(client: DockerClient) -> None:
    from docker.errors import BuildError

    _say(f"building the desktop's image on {BASE}; some minutes")
    with tempfile.TemporaryDirectory(prefix="handeye-") as scratch:
        context = Path(scratch) / "context"
        shutil.copytree(recipe_folder(), context)
        subprocess.run(["sh", str(context / "host.sh"), str(context / "host")], check=True)
        _run(["sh", str(context / "fetch.sh"), str(context / "host"), str(cache())], Path(scratch) / "log")
        try:
            client.images.build(path=str(context), tag=_root_image(), rm=True, forcerm=True, buildargs={"BASE": BASE})
        except BuildError as err:
            raise BadInput(f"the desktop's image could not be built: {err}") from err


def _import(client: DockerClient, rootfs: Path) -> None:
    _say("importing the root filesystem into Docker")
    command = ["tar", "--numeric-owner", "--one-file-system", "-C", str(rootfs), "-cf", "-", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        pipe = tar.stdout
        chunks = iter(lambda: pipe.read(1 << 20), b"")
        repository, tag = _root_image().split(":")
        client.api.import_image(src=chunks, repository=repository, tag=tag, stream_src=True)
    if tar.returncode != 0:
        client.images.remove(_root_image())
        raise BadInput(f"the root filesystem {rootfs} could not be read: tar ended with {tar.returncode}")


def _export(client: DockerClient, target: Path) -> None:
    """The root filesystem out of the image."""
    _say("laying out the root filesystem of the image")
    container = client.containers.create(_root_image(), "true")
    try:
        with subprocess.Popen(
            ["tar", "--numeric-owner", "-C", str(target), "-xpf", "-"], stdin=subprocess.PIPE
        ) as tar:
            assert tar.stdin is not None
            for chunk in container.export():
                tar.stdin.write(chunk)  # type: ignore[call-overload] # the stubs say str; it is bytes
    finally:
        container.remove(force=True)
    if tar.returncode != 0:
        raise BadInput(f"the image {_root_image()} could not be laid out: tar ended with {tar.returncode}")


def _add_code(client: DockerClient, name: str) -> None:
    """The last layer: the package that the server runs from, and what the image is."""
    found = client.containers.run(_root_image(), ["cat", f"/{DIGEST}"], remove=True, network_mode="none")
    labels = {ROOTFS_LABEL: found.decode().strip(), CODE_LABEL: code_digest()}
    dockerfile = f"FROM {_root_image()}\nCOPY envs /opt/handeye/lib/envs\n{PREPARE}\n"
    with io.BytesIO() as context:
        with tarfile.open(fileobj=context, mode="w") as tar:
            _add(tar, "Dockerfile", dockerfile.encode())
            for path in sorted([*HERE.glob("server/**/*.py"), *(HERE / name for name in ("__init__.py", *SHARED))]):
                _add(tar, f"envs/{path.relative_to(HERE)}", path.read_bytes())
        context.seek(0)
        client.images.build(
            fileobj=context, custom_context=True, tag=name, labels=labels, rm=True, forcerm=True, network_mode="none"
        )


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o644
    tar.addfile(entry, io.BytesIO(data))


def main() -> int:
    """Build what this machine can use: the root filesystem, and the image where a Docker engine answers."""
    try:
        client = _engine()
        if client is not None:
            _say(f"image {ensure_image(client)}")
        if os.geteuid() == 0:
            _say(f"root filesystem {ensure_rootfs(client)}")
        if "--prune" in sys.argv[1:]:
            prune(client)
    except BadInput as err:
        sys.stderr.write(f"handeye: {err}\n")
        return 2
    return 0


def _engine() -> DockerClient | None:
    try:
        from docker.errors import DockerException

        import docker
    except ModuleNotFoundError:
        return None
    try:
        client = docker.from_env()
        client.ping()
    except DockerException:
        return None
    return client


if __name__ == "__main__":
    sys.exit(main())
