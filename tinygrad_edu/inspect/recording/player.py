"""A recording in the terminal, one frame at a time, moved by keys.

    → n enter      next step                  f u w    to the forward pass, the backward pass, the update
    ← p            one back                   home end first and last step
    space          on to the breakpoint       b        set a breakpoint: nan, zero, grad > 10, label w, line 12, op tanh, ...
    backspace      back to it                 g        go to a step by its number
    ?              these keys                 q        leave

Where the input is no terminal, each line is a command: the same letters, with what they ask for behind them, `g 12`, `b nan`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from textwrap import wrap
from typing import Any, Protocol, TextIO

from ...errors import OptionError
from .breakpoints import Breakpoint, breakpoint_of
from .frames import BACKWARD, FORWARD, UPDATE, Frame, colored

__all__ = ["HELP", "Keyboard", "Keys", "Lines", "Player"]

SHORT = "→ next  ← back  space run  b breakpoint  g go to  ? all keys  q quit"
HELP = """\
→ n enter   next step
← p         one back
home end    first, last step
f u w       forward, backward, update
space       on to the breakpoint or phase
backspace   back to it
b           set a breakpoint
g           go to a step
q           quit"""
STOPS = "stop at nan, zero, grad > 10, label w, line 12, op tanh, update; with and, or, not; nothing for none"
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
_ESCAPES = {
    "[C": "right", "[D": "left", "[A": "left", "[B": "right", "[H": "home", "[F": "end", "[1~": "home", "[4~": "end",
    "OC": "right", "OD": "left", "OH": "home", "OF": "end", "[7~": "home", "[8~": "end",
}  # fmt: skip
_NAMES = {" ": "space", "\r": "right", "\n": "right", "\x7f": "backspace", "\x08": "backspace", "\x04": ""}
_WINDOWS = {"M": "right", "K": "left", "H": "left", "P": "right", "G": "home", "O": "end"}


class Keys(Protocol):
    """Where keys come from."""

    def press(self) -> str:
        """The next key: a character, or a name such as "right"; empty when there are no more."""
        ...

    def ask(self, question: str) -> str:
        """A line of text."""
        ...


class Keyboard:
    """Single keys of a terminal, without enter; `with keyboard.open():` around them.

    Args:
        stdin: the terminal.
        out: where questions are written.
    """

    def __init__(self, stdin: TextIO, out: TextIO) -> None:
        self.stdin, self.out = stdin, out

    @contextmanager
    def open(self) -> Iterator[None]:
        """Have the terminal hand keys over at once, and not show them."""
        if os.name == "nt":
            yield
            return
        import termios
        import tty

        number = self.stdin.fileno()
        before = termios.tcgetattr(number)
        try:
            tty.setcbreak(number)  # ctrl-c still interrupts
            yield
        finally:
            termios.tcsetattr(number, termios.TCSADRAIN, before)

    def press(self) -> str:
        """The next key."""
        return _windows_key() if os.name == "nt" else self._key()

    def _key(self) -> str:
        number = self.stdin.fileno()
        first = os.read(number, 1)
        if first == b"\x1b":
            return _ESCAPES.get(_sequence(number), "escape")
        text = first + os.read(number, _following(first)) if _following(first) else first
        letter = text.decode(errors="replace")
        return _NAMES.get(letter, letter)

    def ask(self, question: str) -> str:
        """A line of text, letter by letter as long as the terminal hands over keys; escape gives it up.

        Its end is shown where it is wider than the terminal.
        """
        self.out.write(question)
        self.out.flush()
        text = ""
        while (key := self.press()) != "right":
            if key in ("escape", ""):
                return ""
            text = text[:-1] if key == "backspace" else text + {"space": " "}.get(key, key if len(key) == 1 else "")
            room = max(1, shutil.get_terminal_size().columns - len(question) - 1)
            self.out.write(f"\r\x1b[K{question}{text[-room:]}")
            self.out.flush()
        return text


def _waiting(number: int) -> bool:
    """Whether more bytes of an escape sequence are there; a lone escape has none."""
    import select

    return bool(select.select([number], [], [], 0.05)[0])


def _sequence(number: int) -> str:
    """The rest of an escape sequence, up to the letter or tilde that ends it; several keys may be waiting behind it."""
    text = ""
    while _waiting(number):
        text += os.read(number, 1).decode("latin-1")
        if len(text) > 1 and "@" <= text[-1] <= "~":
            break
    return text


def _following(first: bytes) -> int:
    """How many more bytes a character of UTF-8 has."""
    lead = first[0] if first else 0
    return 3 if lead >= 0xF0 else 2 if lead >= 0xE0 else 1 if lead >= 0xC0 else 0


def _windows_key() -> str:
    import msvcrt

    key: str = msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
    if key in ("\x00", "\xe0"):
        return _WINDOWS.get(msvcrt.getwch(), "")  # type: ignore[attr-defined,unused-ignore]
    return _NAMES.get(key, key)


class Lines:
    """Commands from a file or pipe, one a line: the keys, with the answer to their question behind them."""

    def __init__(self, stdin: TextIO) -> None:
        self.stdin, self.answer = stdin, ""

    def press(self) -> str:
        """The next command."""
        line = self.stdin.readline()
        key, _, self.answer = line.strip().partition(" ")
        return (key or "right") if line else ""

    def ask(self, question: str) -> str:
        """What stood behind the command."""
        return self.answer


class Player:
    """Shows the frames of a recording and moves by keys until `q`.

    Args:
        recording: a `Recorder`.
        keys: where they come from; the terminal if it is one, else lines of the standard input.
        out: where it is shown, the standard output if not said. The screen is cleared for each frame if that is a terminal.
    """

    def __init__(self, recording: Any, *, keys: Keys | None = None, out: TextIO | None = None) -> None:
        self.recording = recording
        self.out = out or sys.stdout
        self.keys: Keys = keys or (Keyboard(sys.stdin, self.out) if sys.stdin.isatty() else Lines(sys.stdin))
        self.breakpoint: Breakpoint | None = None
        self.message = recording.note
        self._do: dict[str, Callable[[], Any]] = {
            "right": recording.next, "n": recording.next, "left": recording.back, "p": recording.back,
            "space": lambda: self._run(False), "backspace": lambda: self._run(True),
            "home": lambda: recording.goto(0), "end": lambda: recording.goto(-1),
            "f": lambda: self._phase(FORWARD), "u": lambda: self._phase(BACKWARD), "w": lambda: self._phase(UPDATE),
            "b": self._ask_breakpoint, "g": self._ask_step, "?": lambda: self._say(HELP),
        }  # fmt: skip

    def play(self) -> None:
        """Show frames until `q`, or an interrupt."""
        with self.keys.open() if isinstance(self.keys, Keyboard) else nullcontext(), suppress(KeyboardInterrupt):
            self._loop()

    def _loop(self) -> None:
        self.show()
        while (key := self.keys.press()) not in ("q", ""):
            self.press(key)
            self.show()

    def press(self, key: str) -> None:
        """Do what a key says."""
        self.message = ""
        before = self.recording.position
        action = self._do.get(key)
        if action is None:
            self.message = f"{key!r} is no key here; {SHORT}"
        elif action() is None and not self.message and self.recording.position == before:
            self.message = "the first step" if before == 0 else "the last step"

    def _say(self, text: str) -> None:
        self.message = text

    def _run(self, back: bool) -> Frame | None:
        """To the breakpoint; without one, to the end or the beginning of the phase, and then of the next."""
        r = self.recording
        phase = r.frame.phase
        until = self.breakpoint or (lambda f: f.phase != phase)
        found: Frame | None = r.run(until, back=back)
        if found is None and self.breakpoint:
            self.message = f"nothing {'before' if back else 'after'} this where it is {self.breakpoint}"
        return found

    def _phase(self, name: str) -> Frame | None:
        found: Frame | None = self.recording.phase(name)
        if found is None:
            self.message = "no optimiser was recorded, so there is no update: tg.record(loss, optimiser)"
        return found

    def _ask_breakpoint(self) -> None:
        self.out.write("".join(f"{line}\n" for line in self._lines(STOPS)))
        text = self.keys.ask("stop at: ")
        try:
            self.breakpoint = breakpoint_of(text) if text.strip() else None
        except OptionError as error:
            self.message = str(error)
        else:
            self.message = f"space runs to: {self.breakpoint}" if self.breakpoint else "no breakpoint"

    def _ask_step(self) -> Frame | None:
        text = self.keys.ask(f"step (1 to {len(self.recording)}): ")
        if text.strip().isdecimal() and 1 <= int(text) <= len(self.recording):
            return self.recording.goto(int(text) - 1)  # type: ignore[no-any-return]  # what is called is Any to mypy
        self.message = f"a step is a number from 1 to {len(self.recording)}; got {text!r}"
        return None

    # -- showing -------------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Write the frame, the place of it on the tape, and the message."""
        if self.out.isatty():
            self.out.write(_CLEAR)
        message = self._lines(self.message or (SHORT if self.out.isatty() else ""))
        self._print(self._fitted(self.recording.frame, below=3 + len(message)))
        self.out.write(f"\n{self.tape(max(10, min(60, shutil.get_terminal_size().columns - 10)))}\n")
        self.out.write("".join(f"{line}\n" for line in message))
        self.out.flush()

    def _lines(self, text: str) -> list[str]:
        """A text as lines that fit the terminal."""
        if not self.out.isatty():
            return text.splitlines()
        width = shutil.get_terminal_size().columns
        return [part for line in text.splitlines() for part in wrap(line, width, replace_whitespace=False) or [""]]

    def _fitted(self, frame: Frame, below: int) -> str:
        """The text of a frame, as much of it as the terminal has room for above some lines."""
        if not self.out.isatty():
            return str(frame)
        width, height = shutil.get_terminal_size()
        lines, room = frame.text(width).splitlines(), max(2, height - below)
        return "\n".join(lines if len(lines) <= room else [*lines[: room - 1], f"  … {len(lines) - room + 1} more lines"])

    def _print(self, text: str) -> None:
        try:
            from rich.console import Console
        except ImportError:
            self.out.write(f"{text}\n")
        else:
            Console(file=self.out, highlight=False).print(colored(text), soft_wrap=True)

    def tape(self, width: int) -> str:
        """The steps as a line, with the phases apart and the place marked: `·········|──●──────|···`."""
        total, n = len(self.recording), len(self.recording.graph)
        starts = {round(k * (width - 1) / total) for k in (n, 2 * n) if k < total}
        here = round(self.recording.position * (width - 1) / max(total - 1, 1))
        line = ["●" if i == here else "│" if i in starts else "─" for i in range(width)]
        return f"{''.join(line)}  {self.recording.frame.phase}"
