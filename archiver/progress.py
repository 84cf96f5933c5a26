"""How long work tells where it is and hears that it must stop. No threads here."""

from __future__ import annotations

from typing import Protocol

from archiver.errors import Cancelled


class Progress(Protocol):
    """What a service calls while it works; the window and the command line implement it."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say that `done` of `total` (None: unknown) is finished; `what` is a file name or title."""

    def cancelled(self) -> bool:
        """Tell whether the user asked to stop; services look between messages."""


class Silent:
    """Progress for tests and for calls that nobody watches."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Do nothing."""

    def cancelled(self) -> bool:
        """Never stop."""
        return False


class StopOnly:
    """Passes on the stop button alone: the work inside counts files, the work around it messages."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def step(self, done: int, total: int | None, what: str) -> None:
        """Do nothing."""

    def cancelled(self) -> bool:
        """Ask the progress behind it."""
        return self._progress.cancelled()


def check_cancelled(progress: Progress) -> None:
    """Raise `Cancelled` when the user asked to stop."""
    if progress.cancelled():
        raise Cancelled
