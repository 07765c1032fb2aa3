"""Signals that end a process as exceptions, so that ``finally`` removes what is half done."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """The process was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def end_process(self) -> None:
        """End as the signal would have ended it, so that the parent process learns of it."""
        signal.signal(self.number, signal.SIG_DFL)
        os.kill(os.getpid(), self.number)


def _raise(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not disturb the cleaning up
    raise Terminated(number)


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise `Terminated` where a signal would end the process; ``nohup`` keeps its effect."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _raise)
    yield
