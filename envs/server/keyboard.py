"""Keys by XTEST, any keysym: what the keyboard lacks is put on the keycodes of keys that no keyboard here has.

pyautogui is not used for keys: of 200 characters it gets two wrong in ASCII and loses half of any other script
(measured), because it knows one layout and types what that lacks not at all. Clients fetch the layout when they
are told that it has changed, which is some time after; so it is changed for a whole batch of symbols at once, by
one request (each makes every client fetch it), and before the next change the client must have taken the keys of
the last: see `ping`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from envs import keys
from envs.server.display import Display

PRESS, RELEASE = 2, 3
SHIFT, LEVEL3 = 0xFFE1, 0xFE03
LOCK_MASK = 2
CAPS_LOCK = 0xFFE5
SLOTS = range(209, 256)
"""Keycodes lent to symbols: multimedia keys of the evdev keyboard. What only they give is lent one in turn."""


class Keyboard:
    """The keys. `caught_up` must return once the clients have taken the keys sent so far."""

    def __init__(self, display: Display, caught_up: Callable[[], None]) -> None:
        self._display = display
        self._caught_up = caught_up
        self._places: dict[int, tuple[int, bool]] = {}
        self._slots = [key for key in SLOTS if display.first_key <= key <= display.last_key]
        self._lent: dict[int, int] = {}
        self._read()

    def press(self, keysym: int) -> None:
        """Press the key that gives it (with shift, if the symbol needs it)."""
        keycode, shifted = self._place(keysym)
        if shifted:
            self._fake(PRESS, self._places[SHIFT][0])
        self._fake(PRESS, keycode)

    def release(self, keysym: int) -> None:
        """Release it again."""
        keycode, shifted = self._place(keysym)
        self._fake(RELEASE, keycode)
        if shifted:
            self._fake(RELEASE, self._places[SHIFT][0])

    def type(self, text: str) -> None:
        """Type it, whatever script it is in. Raises Refused for a control character, before anything is typed."""
        wanted = keys.of_text(text)
        with self._display.lock:
            caps = self._locked()
            if caps:
                self._tap(CAPS_LOCK)
            for batch in self._batches(wanted):
                self._provide(batch)
                for keysym in batch:
                    self._tap(keysym)
            if caps:
                self._tap(CAPS_LOCK)
            self._display.sync()

    def provide(self, wanted: Iterable[int]) -> None:
        """Make sure that each of these keysyms is on some key."""
        with self._display.lock:
            for batch in self._batches(list(wanted)):
                self._provide(batch)

    def _tap(self, keysym: int) -> None:
        self.press(keysym)
        self.release(keysym)

    def _place(self, keysym: int) -> tuple[int, bool]:
        if keysym in self._lent:
            return self._lent[keysym], False
        return self._places[keysym]

    def _fake(self, kind: int, keycode: int) -> None:
        self._display.test.FakeInput(kind, keycode, 0, self._display.root, 0, 0, 0)

    def _locked(self) -> bool:
        return bool(self._display.core.QueryPointer(self._display.root).reply().mask & LOCK_MASK)

    def _read(self) -> None:
        display = self._display
        count = display.last_key - display.first_key + 1
        reply = display.core.GetKeyboardMapping(display.first_key, count).reply()
        wide, symbols = reply.keysyms_per_keycode, list(reply.keysyms)
        for index in range(count):
            keycode = display.first_key + index
            for level, keysym in enumerate(symbols[index * wide : index * wide + 2]):
                if keysym and keycode not in self._slots:
                    self._places.setdefault(keysym, (keycode, level == 1))

    def _batches(self, wanted: list[int]) -> Iterator[list[int]]:
        """The keysyms in order, cut where more foreign ones come together than there are slots."""
        batch: list[int] = []
        foreign: set[int] = set()
        for keysym in wanted:
            if keysym not in self._places and keysym not in foreign:
                if len(foreign) == len(self._slots):
                    yield batch
                    batch, foreign = [], set()
                foreign.add(keysym)
            batch.append(keysym)
        if batch:
            yield batch

    def _provide(self, batch: list[int]) -> None:
        """Lend the batch's foreign keysyms slots, those of the least recently used first."""
        foreign = list(dict.fromkeys(keysym for keysym in batch if keysym not in self._places))
        for keysym in foreign:
            if keysym in self._lent:
                self._lent[keysym] = self._lent.pop(keysym)
        missing = [keysym for keysym in foreign if keysym not in self._lent]
        if not missing:
            return
        free = [slot for slot in self._slots if slot not in self._lent.values()]
        if len(free) < len(missing):
            self._display.sync()
            self._caught_up()
        while len(free) < len(missing):
            free.append(self._lent.pop(next(iter(self._lent))))
        self._lent |= zip(missing, free, strict=False)
        self._write(min(free[: len(missing)]), max(free[: len(missing)]))

    def _write(self, first: int, last: int) -> None:
        """Tell the X server what those slots give."""
        lent = {slot: keysym for keysym, slot in self._lent.items()}
        symbols = [lent.get(slot, 0) for slot in range(first, last + 1) for _ in range(2)]
        self._display.core.ChangeKeyboardMapping(last - first + 1, first, 2, symbols)
        self._display.sync()
