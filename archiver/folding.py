"""Text without case and accents: the one form in which the register and the window search."""

from __future__ import annotations

import unicodedata


def fold(*texts: str | None) -> str:
    """Give texts without case and accents, one a line; an absent or empty one is left out."""
    joined = "\n".join(text for text in texts if text)
    if joined.isascii():
        return joined.lower()
    apart = unicodedata.normalize("NFKD", joined.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def spans(text: str, folded: str) -> list[tuple[int, int]]:
    """Give where in a text something stands that was folded: (start, end) of each place."""
    if not folded or folded not in fold(text):
        return []
    parts = list(text.lower()) if text.isascii() else [fold(character) for character in text]
    owner = [place for place, part in enumerate(parts) for _ in part]
    flat, found, at = "".join(parts), [], -1
    while (at := flat.find(folded, at + 1)) >= 0:
        end = owner[at + len(folded) - 1] + 1
        while end < len(parts) and not parts[end]:
            end += 1  # an accent that is a character of its own
        found.append((owner[at], end))
        at += len(folded) - 1
    return found
