"""New identifications: UUID version 7 (RFC 9562), sorted by the moment they were made."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Give a UUIDv7 as text; within one process every next id is greater than the one before."""
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond time in rand_a keep the order.
        now = time.time_ns()
        ticks = (now // 1_000_000 << 12) | (now % 1_000_000) * 4096 // 1_000_000
        ticks = max(ticks, _last + 1)
        _last = ticks
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    return str(uuid.UUID(int=value))
