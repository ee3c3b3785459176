"""The HTTP client that the SDKs are given. Imported late: it brings httpx2."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from time import monotonic
from weakref import WeakSet

import httpx2

from agent.models.redaction import on_this_machine

_OPEN: WeakSet[httpx2.Client] = WeakSet()


def client(endpoint: str, *, timeout: float, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """One for the endpoint. A reply still coming `timeout` seconds after its head is a ReadTimeout, as is a silence.

    The environment's proxies are not for servers of this machine. No redirect is followed: a picture goes where it
    was sent, or nowhere. `transport` takes the network's place in tests.
    """

    def hurry(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Timed(response.stream, response.request, timeout)

    made = httpx2.Client(
        transport=transport,
        timeout=httpx2.Timeout(timeout, connect=min(timeout, 10.0)),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=16),  # our limiter counts the requests
        trust_env=not on_this_machine(endpoint),
        follow_redirects=False,
        event_hooks={"response": [hurry]},
    )
    _OPEN.add(made)
    return made


@atexit.register
def _close() -> None:
    """Providers live as long as the process."""
    for each in tuple(_OPEN):
        each.close()


class _Timed(httpx2.SyncByteStream):
    """A body that must end in time, however often a byte or a comment line keeps it alive."""

    def __init__(self, inner: httpx2.SyncByteStream, request: httpx2.Request, seconds: float) -> None:
        self._inner = inner
        self._request = request
        self._end = monotonic() + seconds
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        for part in self._inner:
            if monotonic() > self._end:
                raise httpx2.ReadTimeout(f"not all there in {self._seconds:g} s", request=self._request)
            yield part

    def close(self) -> None:
        self._inner.close()
