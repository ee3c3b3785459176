"""The server itself: three vendors' paths over one set of episodes, on a port of its own."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import unquote

from envs.types import Size
from tests.dialects import claude, messages, responses
from tests.dialects.chat import Chat, Family
from tests.dialects.code import KIMI, OPENCUA, PYAUTO
from tests.dialects.glm import GLM
from tests.dialects.hermes import QWEN3, QWEN25, QWEN35
from tests.dialects.plain import HOLO, INTERNVL, JSON
from tests.dialects.plan import Limits
from tests.dialects.session import Session
from tests.dialects.tars import TARS1, TARS2, TARS15
from tests.dialects.wire import Answer, Refused, Traffic

OPEN: Mapping[str, tuple[str, Family]] = {
    "qwen25vl": ("Qwen/Qwen2.5-VL-7B-Instruct", QWEN25),
    "qwen3vl": ("Qwen/Qwen3-VL-8B-Instruct", QWEN3),
    "qwen35": ("Qwen/Qwen3.5-9B", QWEN35),
    "internvl": ("OpenGVLab/InternVL3_5-8B", INTERNVL),
    "glm": ("zai-org/GLM-4.6V", GLM),
    "uitars": ("ByteDance-Seed/UI-TARS-7B-DPO", TARS1),
    "uitars15": ("ByteDance-Seed/UI-TARS-1.5-7B", TARS15),
    "uitars2": ("ui-tars-2", TARS2),
    "opencua": ("xlangai/OpenCUA-7B", OPENCUA),
    "kimi": ("moonshotai/Kimi-VL-A3B-Instruct", KIMI),
    "holo": ("Hcompany/Holo2-8B", HOLO),
    "pyautogui": ("local/writes-code", PYAUTO),
    "json": ("local/any-model", JSON),
}
"""The served models' names, and how each speaks."""
CLOSED = {
    "claude": "claude-sonnet-5-5",
    "claude-20251124": "claude-opus-4-6",
    "claude-20250124": "claude-sonnet-4-5",
    "openai": "gpt-6.2-astra",
    "openai-legacy": "computer-use-preview",
}
"""The vendors' models, by the tool that each takes."""


def model_of(family: str) -> str:
    """What the family's model is called here."""
    return CLOSED[family] if family in CLOSED else OPEN[family][0]


def limits_of(family: str) -> Limits:
    """What the family has words for."""
    if family in CLOSED:
        return claude.LIMITS if family.startswith("claude") else responses.LIMITS
    return OPEN[family][1].limits


@dataclass
class Dialects:
    """The server while it runs. `url` is its root, without `/v1`.

    A model's name may end in `@swapped` (it says y before x) or `@capped` (it is served with fewer pixels than it was
    made for): for adapters that must be found to be wrong.
    """

    seed: int = 0
    most_pictures: int = 20
    traffic: Traffic = field(default_factory=Traffic)
    sessions: dict[str, Session] = field(default_factory=dict)
    messages: messages.Messages = field(default_factory=messages.Messages)
    responses: responses.Responses = field(default_factory=responses.Responses)
    remarks: list[str] = field(default_factory=list)
    _http: ThreadingHTTPServer = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.dialects = self  # type: ignore[attr-defined]  # what the handler asks
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def __enter__(self) -> Dialects:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        """Answer no more."""
        self._http.shutdown()
        self._http.server_close()

    def open(self, tag: str, family: str, screen: Size) -> Session:
        """A new episode, whose goal says `[session TAG]`. The same tag and seed give the same noise."""
        with self._lock:
            session = Session(tag, screen, limits_of(family), Random(f"{self.seed} {tag.partition(chr(45))[0]}"))
            self.sessions[tag] = session
        return session

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """A GET. Raises Refused."""
        if path == "/health":
            return Answer(body={"status": "ok"})
        if path == "/v1/models":
            names = [*CLOSED.values(), *(name for name, _ in OPEN.values())]
            listed = [{"id": name, "object": "model", "created": 0, "owned_by": "local"} for name in names]
            return Answer(body={"object": "list", "data": listed})
        if path.startswith("/v1/models/"):
            name = unquote(path.removeprefix("/v1/models/"))
            if "anthropic-version" in headers:
                return Answer(body=messages.about(name))
            if name.partition("@")[0] in {each for each, _ in OPEN.values()}:
                return Answer(body={"id": name, "object": "model", "created": 0, "owned_by": "local"})
            return Answer(body=responses.about(name))
        raise Refused(404, f"there is no {path}")

    def post(self, path: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        """A POST. Raises Refused."""
        try:
            body: dict[str, Any] = json.loads(raw)
        except ValueError as err:
            raise Refused(400, f"the body is no JSON: {err}") from err
        self.traffic.begins(path, len(raw), body)
        with self._lock:
            if path.partition("?")[0] == "/v1/messages":
                return self.messages.answer(body, headers, self.sessions, self.traffic)
            if path == "/v1/responses":
                return self.responses.answer(body, headers, self.sessions, self.traffic)
            if path == "/v1/chat/completions":
                return self._chat(str(body.get("model"))).answer(body, self.sessions, self.traffic)
        raise Refused(404, f"there is no {path}")

    def _chat(self, model: str) -> Chat:
        name, _, variant = model.partition("@")
        family = next((family for known, family in OPEN.values() if known == name), None)
        if family is None:
            raise Refused(404, f"The model `{name}` does not exist.", code="model_not_found")
        return Chat(family, variant, self.most_pictures, self.remarks)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is none of the server's business; whatever else happens is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a stream's small writes would wait, 40 ms each, for an acknowledgement

    def do_GET(self) -> None:
        self._serve(lambda dialects, headers: dialects.get(self.path, headers))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._serve(lambda dialects, headers: dialects.post(self.path, headers, raw))

    def _serve(self, doing: Any) -> None:
        dialects: Dialects = self.server.dialects  # type: ignore[attr-defined]  # set by it
        headers = {key.lower(): value for key, value in self.headers.items()}
        try:
            answer: Answer = doing(dialects, headers)
        except Refused as refused:
            dialects.traffic.refused.append(f"{self.path}: {refused.status} {refused.why}")
            self._write(refused.status, self._error(refused))
            return
        except Exception as bug:  # noqa: BLE001 - the test tool's own: seen by whoever reads what was refused
            dialects.traffic.refused.append(f"{self.path}: {bug!r}")
            self._write(500, {"error": {"message": repr(bug), "type": "server_error"}})
            return
        if answer.body is not None:
            self._write(200, answer.body)
        else:
            self._stream(answer.stream)

    def _error(self, refused: Refused) -> dict[str, Any]:
        error = {"type": refused.kind, "message": refused.why, "code": refused.code or None, "param": None}
        if "anthropic-version" in self.headers:
            more = {"error_code": refused.code} if refused.code else {}
            plain = {"type": refused.kind, "message": refused.why} | more
            return {"type": "error", "error": plain, "request_id": "req_1"}
        return {"error": error}

    def _write(self, status: int, body: Mapping[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, events: tuple[bytes, ...]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            self.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent."""
