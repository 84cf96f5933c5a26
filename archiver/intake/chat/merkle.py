"""Commitments and their tree: proof that kept messages are unchanged and how many were taken out.

A commitment is SHA-256(salt || canonical message) with 32 random bytes of salt. The tree over the
commitments is that of RFC 6962 (Certificate Transparency), section 2.1, with SHA-256: a leaf is
H(0x00 || commitment), a node H(0x01 || left || right).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SALT_BYTES = 32


def canonical(message: Mapping[str, Any]) -> bytes:
    """Give the one spelling of a message: ASCII JSON, keys sorted, no white space."""
    return json.dumps(message, sort_keys=True, separators=(",", ":")).encode("ascii")


def commitment(salt: bytes, message: Mapping[str, Any]) -> bytes:
    """Commit to a message; without the salt nobody can try out what it said."""
    return hashlib.sha256(salt + canonical(message)).digest()


class Tree:
    """The root over a stream of commitments; memory grows with the depth of the tree only."""

    def __init__(self) -> None:
        self._whole: list[tuple[int, bytes]] = []  # (leaves below, hash), large to small
        self.size = 0

    def add(self, leaf: bytes) -> None:
        """Add the next commitment."""
        self.size += 1
        count, node = 1, hashlib.sha256(b"\0" + leaf).digest()
        while self._whole and self._whole[-1][0] == count:
            _, left = self._whole.pop()
            count, node = 2 * count, hashlib.sha256(b"\1" + left + node).digest()
        self._whole.append((count, node))

    def root(self) -> str:
        """Give the root, lower-case hex; of nothing it is the SHA-256 of nothing."""
        if not self._whole:
            return hashlib.sha256(b"").hexdigest()
        *rest, (_, node) = self._whole
        for _, left in reversed(rest):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node.hex()
