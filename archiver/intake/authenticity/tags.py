"""The tag lists of DKIM and ARC (RFC 6376 section 3.2): ``v=1; a=rsa-sha256; b=...``."""

from __future__ import annotations

import binascii
import re

_TAG = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_]*)\s*=([^;]*)(?:;|\Z)")


def read_tags(value: bytes) -> dict[str, str]:
    """Read a tag list; the first of a name holds. Line folds in a value are kept as white space."""
    found: dict[str, str] = {}
    for match in _TAG.finditer(value):
        found.setdefault(
            match[1].decode("ascii").lower(), match[2].decode("utf-8", "replace").strip()
        )
    return found


def base64_of(text: str) -> bytes:
    """Decode the base64 of a tag, white space allowed. ValueError when it is no base64."""
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64") from error
