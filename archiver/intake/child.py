"""One child process that reads files and answers in lines; what dies with it is the file it was reading."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence


class Child:
    """One child process with the time since which it is silent (None: it owes us nothing)."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self.silent_since: float | None = None
        self.overdue = False

    def ask(self, request: bytes) -> None:
        """Send a request, starting the process when there is none. Raises OSError when it died."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        self.overdue = False
        assert self._process.stdin is not None
        self._process.stdin.write(request)
        self._process.stdin.flush()

    def answer(self) -> bytes:
        """Give the next answer, with the lines that belong to it; empty when the process ended."""
        line = self._line()
        if not line.startswith(b'{"records"'):
            return line
        lines = [line, *(self._line() for _ in range(json.loads(line)["records"]))]
        return b"".join(lines) if lines[-1] else b""

    def _line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        self.silent_since = time.monotonic()
        line = self._process.stdout.readline()
        self.silent_since = None
        return line if line.endswith(b"\n") else b""

    def kill(self) -> None:
        """End the process now; a thread that reads from it sees the end."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Clean up after the process; the next request starts a new one."""
        if self._process is None:
            return
        self._process.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):  # what was still buffered has no reader any more
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._process = None


def environment() -> dict[str, str]:
    """Let the child find the same packages as this process, wherever it was started."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "PYTHONUTF8": "1",
        # The Go runtime of pygfried lets its memory double before it cleans up; a quarter is enough.
        "GOGC": "25",
    }
