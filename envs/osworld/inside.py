"""Programs that an OSWorld machine runs for us, to answer with all bytes and in JSON: its API gives text alone.

They are text, not modules: that machine has none of our code. Python 3.10 and python-xlib are what its own server
needs, too.
"""

RUN = """
import base64, json, os, subprocess, sys
asked = json.loads(sys.argv[1])
kept = dict(os.environ) if asked["display"] else {
    name: os.environ[name] for name in ("HOME", "USER", "LOGNAME", "PATH", "LANG") if name in os.environ}
told = {"code": 0, "stdout": "", "stderr": "", "late": False}
try:
    ran = subprocess.run(asked["argv"], stdin=subprocess.DEVNULL, capture_output=True, timeout=asked["seconds"],
                         env=kept, cwd=os.path.expanduser("~"))
    told.update(code=ran.returncode, stdout=base64.b64encode(ran.stdout).decode(),
                stderr=base64.b64encode(ran.stderr).decode())
except subprocess.TimeoutExpired:
    told["late"] = True
except OSError as error:
    code = 127 if isinstance(error, FileNotFoundError) else 126
    said = asked["argv"][0] + (": not found" if code == 127 else ": not executable")
    told.update(code=code, stderr=base64.b64encode(said.encode()).decode())
print(json.dumps(told))
"""

FILES = """
import json, pathlib, stat, sys
kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
found = []
for path in sorted(pathlib.Path("/").glob(sys.argv[1].lstrip("/"))):
    try:
        told = path.lstat()
    except OSError:
        continue
    found.append({"path": str(path), "size": told.st_size, "mtime": told.st_mtime,
                  "kind": kinds.get(stat.S_IFMT(told.st_mode), "other")})
print(json.dumps(found))
"""

WINDOWS = """
import json
from Xlib import X, display, error
here = display.Display()
root = here.screen().root
def property(window, name):
    return window.get_full_property(here.intern_atom(name), X.AnyPropertyType)
def words(window, name):
    told = property(window, name)
    return list(told.value) if told is not None and told.format == 32 else []
def text(window, name):
    told = property(window, name)
    value = b"" if told is None or told.format != 8 else told.value
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
active, found = words(root, "_NET_ACTIVE_WINDOW"), []
for number in words(root, "_NET_CLIENT_LIST_STACKING"):
    window = here.create_resource_object("window", number)
    try:
        shape, at = window.get_geometry(), root.translate_coords(window, 0, 0)
        left, right, top, bottom = (words(window, "_NET_FRAME_EXTENTS") + [0] * 4)[:4]
        found.append({
            "id": number, "title": text(window, "_NET_WM_NAME") or text(window, "WM_NAME"),
            "app": text(window, "WM_CLASS").rstrip(chr(0)).split(chr(0))[-1],
            "box": {"x": at.x - left, "y": at.y - top, "width": shape.width + left + right,
                    "height": shape.height + top + bottom},
            "focused": [number] == active, "pid": (words(window, "_NET_WM_PID") + [0])[0]})
    except error.XError:
        continue
print(json.dumps(found))
"""
