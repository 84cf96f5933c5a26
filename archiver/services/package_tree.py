"""The folders of a package, remembered while they are written and shown when somebody looks.

A large mailbox has thousands of folders, and a person opens a few: what is remembered is packed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archiver.export.model import PackageObject
from metadata import begrippen


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One folder of the package: its name on disk, its title, its kind, its files.

    `id` is the id of the item when the folder is one, else a derived id.
    """

    id: str
    key: str
    title: str
    kind: str
    files: tuple[str, ...] = ()
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True, slots=True)
class PackedTree:
    """The folders of one package, packed: one line of JSON each, in the order of the package."""

    data: bytes

    def unpacked(self) -> TreeNode:
        """Give the root folder with all below it."""
        waiting: dict[int, list[TreeNode]] = {}
        for line in reversed(zlib.decompress(self.data).splitlines()):
            depth, id_, key, title, kind, files = json.loads(line)
            below = tuple(reversed(waiting.pop(depth + 1, [])))
            waiting.setdefault(depth, []).append(
                TreeNode(id_, key, title, kind, tuple(files), below)
            )
        (root,) = waiting[0]
        return root


class TreeWatch:
    """Packs the folders of one package in the order in which they are written, parents first."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj()
        self._packed = bytearray()

    def watched(self, obj: PackageObject, depth: int = 0) -> PackageObject:
        """Give the same object, remembered, with children that are remembered when they are made."""
        line = json.dumps([depth, *_facts(obj), [file.name for file in obj.files]])
        self._packed += self._packer.compress(line.encode() + b"\n")
        return replace(obj, children=(self.watched(child, depth + 1) for child in obj.children))

    def packed(self) -> PackedTree:
        """Give what was remembered; nothing can be added after it."""
        return PackedTree(bytes(self._packed + self._packer.flush()))


def _facts(obj: PackageObject) -> Iterator[str]:
    about = obj.informatieobject
    level = about.aggregatieniveau.begripLabel if about.aggregatieniveau else ""
    yield about.identificatie[0].identificatieKenmerk.removeprefix("urn:uuid:")
    yield obj.key
    yield about.naam
    yield _kind(obj) or level


def _kind(obj: PackageObject) -> str | None:
    for term in obj.informatieobject.classificatie:
        if term.begripBegrippenlijst.verwijzingNaam == begrippen.BERICHTEN:
            return term.begripLabel
    return None
