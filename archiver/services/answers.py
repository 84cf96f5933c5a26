"""Answers to open questions of a reader, as the command line and the window hand them over.

An answer is a text by the name of its question (``date_order``, ``owner``). The answer to ``KEY`` is a
`Secret`: it is used to open a sealed backup, and never shown, logged, stored or put in a package.
"""

from __future__ import annotations

from archiver.intake.protocol import Secret

KEY = "key"

__all__ = ["KEY", "Secret"]
