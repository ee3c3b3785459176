"""The little D-Bus client, against a bus of a few lines over a real socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envs.server.dbus import AT_ONCE, Bus, Call, string

Answer = Callable[[int, bytes], bytes]


def message(kind: int, serial: int, body: bytes, *, sender: str = ":1.7") -> bytes:
    """A message with its reply serial; the sender's name shifts what follows it by any number of bytes."""
    fields = bytes((7, 1)) + b"s\0" + string(sender)
    fields += b"\0" * (-len(fields) % 8) + bytes((5, 1)) + b"u\0" + struct.pack("<I", serial)
    if body:
        fields += b"\0" * (-len(fields) % 8) + bytes((8, 1)) + b"g\0" + b"\x01s\0"
    head = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), 99, len(fields)) + fields
    return head + b"\0" * (-len(head) % 8) + body


class LittleBus:
    """Lets anyone in, and answers each call with what `answer` makes of its serial and body."""

    def __init__(self, path: Path) -> None:
        self.answer: Answer = lambda serial, body: message(2, serial, body or string(""))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Its thread has ended."""
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with self._listener.accept()[0] as caller:
            caller.recv(4096)
            caller.sendall(b"OK 0123\r\n")
            data = bytearray()
            while got := caller.recv(1 << 16):
                data += got
                if data.startswith(b"BEGIN\r\n"):
                    del data[:7]
                self._answer_all(caller, data)

    def _answer_all(self, caller: socket.socket, data: bytearray) -> None:
        while len(data) >= 16:
            length, serial, fields = struct.unpack_from("<III", data, 4)
            body = 16 + fields + 7 & ~7
            if len(data) < body + length:
                return
            caller.sendall(self.answer(serial, bytes(data[body : body + length])))
            del data[: body + length]


@pytest.fixture
def little(tmp_path: Path) -> Iterator[LittleBus]:
    """The bus's other end."""
    bus = LittleBus(tmp_path / "bus")
    yield bus
    bus.close()


@pytest.fixture
def bus(little: LittleBus, tmp_path: Path) -> Iterator[Bus]:
    """Connected to it."""
    connected = Bus(f"unix:path={tmp_path / 'bus'},guid=00")
    yield connected
    connected.close()


def echo(text: str) -> Call:
    """A call that is answered with its own text."""
    return Call(":1.7", "/a/path", "an.interface", "Echo", "s", string(text))


def test_replies_come_back_in_the_order_of_the_calls(bus: Bus) -> None:
    texts = [f"text {number}" for number in range(3 * AT_ONCE)]
    told = bus.ask_all([echo(text) for text in texts], seconds=10)
    assert [reply and reply.data for reply in told] == [string(text) for text in texts]


def test_replies_of_any_length_and_order_are_told_apart(bus: Bus, little: LittleBus) -> None:
    held: list[bytes] = []

    def backwards(serial: int, body: bytes) -> bytes:
        held.insert(0, message(2, serial, body, sender=":1." + "7" * (serial % 9)))
        return b"".join(held) if len(held) == 20 else b""

    little.answer = backwards
    texts = ["x" * number for number in range(20)]
    told = bus.ask_all([echo(text) for text in texts], seconds=10)
    assert [reply and reply.data for reply in told] == [string(text) for text in texts]


def test_an_error_and_a_silence_leave_none_in_their_places(bus: Bus, little: LittleBus) -> None:
    def some(serial: int, body: bytes) -> bytes:
        return message(3, serial, body) if b"bad" in body else b"" if b"mute" in body else message(2, serial, body)

    little.answer = some
    told = bus.ask_all([echo("good"), echo("bad"), echo("mute"), echo("good")], seconds=0.2)
    assert [reply is None for reply in told] == [False, True, True, False]


def test_a_late_answer_is_not_taken_for_the_next_calls(bus: Bus, little: LittleBus) -> None:
    late: list[bytes] = []

    def slow(serial: int, body: bytes) -> bytes:
        if b"late" in body:
            late.append(message(2, serial, body))
            return b""
        return b"".join(late) + message(2, serial, body)

    little.answer = slow
    assert bus.ask(echo("late"), seconds=0.1) is None
    reply = bus.ask(echo("next"), seconds=5)
    assert reply is not None
    assert reply.data == string("next")


def test_an_address_without_a_socket_is_refused() -> None:
    with pytest.raises(ConnectionRefusedError, match="no Unix socket"):
        Bus("tcp:host=localhost,port=1")
