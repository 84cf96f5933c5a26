"""Which places of two sequences belong together: hash joins and patience, linear in their length.

Keys are hashable; None never matches. A block that has nothing unique is compared cell by cell only
when it is small, else equal keys are paired in order: so no input makes this quadratic.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence

Keys = Sequence[Hashable | None]
Pair = tuple[int, int]
Block = tuple[int, int, int, int]  # left start, left end, right start, right end

_DEPTH = 24  # levels of blocks inside blocks
_CELLS = 2_500  # of the largest block that is compared cell by cell


def pairs_in_order(left: Keys, right: Keys) -> list[Pair]:
    """Give pairs of equal keys that rise on both sides: the backbone of a comparison."""
    found: list[Pair] = []
    work: list[tuple[Block, int]] = [((0, len(left), 0, len(right)), 0)]
    while work:
        block, depth = work.pop()
        (a, b, c, d) = block = _trimmed(left, right, block, found)
        if a == b or c == d:
            continue
        anchors = _rising(_unique(left, right, block)) if depth < _DEPTH else []
        if anchors:
            found += anchors
            work += [(inner, depth + 1) for inner in _between(anchors, block)]
        elif (b - a) * (d - c) <= _CELLS:
            found += _longest(left, right, block)
        else:
            found += _rising(_nth_with_nth(left, right, range(a, b), range(c, d)))
    return sorted(found)


def pairs_anywhere(
    left: Keys, right: Keys, left_free: Sequence[int], right_free: Sequence[int]
) -> list[Pair]:
    """Give pairs of equal keys in any order: the first with the first, the second with the second."""
    return _nth_with_nth(left, right, left_free, right_free)


def rising(pairs: Sequence[Pair]) -> list[Pair]:
    """Give the longest part of the pairs that rises on both sides."""
    return _rising(sorted(pairs))


def gaps(backbone: Sequence[Pair], left_size: int, right_size: int) -> Iterator[Block]:
    """Give every block between two neighbouring pairs that holds something."""
    yield from _between(backbone, (0, left_size, 0, right_size))


def _between(anchors: Sequence[Pair], block: Block) -> Iterator[Block]:
    a, b, c, d = block
    for i, j in [*anchors, (b, d)]:
        if i > a or j > c:
            yield a, i, c, j
        a, c = i + 1, j + 1


def _trimmed(left: Keys, right: Keys, block: Block, found: list[Pair]) -> Block:
    """Take equal keys off both ends, into `found`."""
    a, b, c, d = block
    while a < b and c < d and left[a] is not None and left[a] == right[c]:
        found.append((a, c))
        a, c = a + 1, c + 1
    while a < b and c < d and left[b - 1] is not None and left[b - 1] == right[d - 1]:
        b, d = b - 1, d - 1
        found.append((b, d))
    return a, b, c, d


def _unique(left: Keys, right: Keys, block: Block) -> list[Pair]:
    """Pair the keys that stand once on each side of the block."""
    a, b, c, d = block
    often = Counter(left[a:b])
    there = Counter(right[c:d])
    places = {key: j for j in range(c, d) if there[key := right[j]] == 1}
    return [
        (i, places[key])
        for i in range(a, b)
        if (key := left[i]) is not None and often[key] == 1 and key in places
    ]


def _rising(pairs: Sequence[Pair]) -> list[Pair]:
    """Longest rising subsequence on the right; the pairs rise on the left. O(n log n)."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(last[place - 1] if place else -1)
        if place == len(ends):
            ends.append(j)
            last.append(number)
        else:
            ends[place], last[place] = j, number
    chain: list[Pair] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _nth_with_nth(
    left: Keys, right: Keys, left_free: Sequence[int], right_free: Sequence[int]
) -> list[Pair]:
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for j in reversed(right_free):
        if (key := right[j]) is not None:
            waiting[key].append(j)
    found = []
    for i in left_free:
        key = left[i]
        if key is not None and (places := waiting.get(key)):
            found.append((i, places.pop()))
    return found


def _longest(left: Keys, right: Keys, block: Block) -> list[Pair]:
    """Longest common subsequence of a small block, cell by cell."""
    a, b, c, d = block
    size = d - c
    table = [[0] * (size + 1)]
    for i in range(b - 1, a - 1, -1):
        below, key = table[-1], left[i]
        row = [0] * (size + 1)
        for j in range(size - 1, -1, -1):
            if key is not None and key == right[c + j]:
                row[j] = below[j + 1] + 1
            else:
                row[j] = max(below[j], row[j + 1])
        table.append(row)
    table.reverse()
    found: list[Pair] = []
    i = j = 0
    while i < b - a and j < size:
        key = left[a + i]
        if key is not None and key == right[c + j]:
            found.append((a + i, c + j))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
