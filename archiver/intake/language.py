"""A guess at the language of a text from its most common words; None when it is not clear."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[a-zà-ÿı]+")  # of casefolded text
_COMMON = {
    "nl": frozenset(
        "de het een van ik je dat niet en is op te voor met zijn er aan we ook".split()
    ),
    "en": frozenset("the of and to a in is you that it for on are with as this be have".split()),
    "de": frozenset("der die und das ist nicht ein ich zu mit den von sie auf für dem".split()),
    "fr": frozenset("le la les et des est pas que pour dans une vous je sur avec ce".split()),
}
SAMPLE = 2_000  # characters


def guess_language(text: str) -> str | None:
    """Give nl, en, de or fr; None for short texts (under 8 words) and for a close call."""
    words = _WORD.findall(text[:SAMPLE].casefold())
    if len(words) < 8:
        return None
    times = Counter(words)
    scores = sorted(
        ((sum([times[w] for w in c if w in times]), lang) for lang, c in _COMMON.items()),
        reverse=True,
    )
    best, second = scores[0], scores[1]
    if best[0] * 8 < len(words) or best[0] < second[0] * 1.5:
        return None
    return best[1]
