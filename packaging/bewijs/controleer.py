#!/usr/bin/env python3
"""Prove extracts of chat conversations, apart from Archiefklaar: one file, standard library only.

    python3 controleer.py MAP-OF-BESTAND... [--wortel HEX]

Looks through folders for JSON documents ``archiefklaar-uittreksel/1`` and recomputes, for each:
SHA-256(salt || message) for every kept message, the Merkle tree of RFC 6962 over all commitments, and
the counts per reason. ``--wortel`` is the root that was recorded at intake (in the metadata of the
package or the audit trail); without it the script takes the root from the MDTO sidecar of the folder
in which the extract lies, when there is one, and else only checks the document against itself.

Exit status: 0 everything is proved, 1 something is not so, 2 nothing to prove was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

SCHEMA = "archiefklaar-uittreksel/1"


def sha256(data: bytes) -> bytes:
    """Hash once."""
    return hashlib.sha256(data).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1, straight from its definition."""
    if not leaves:
        return sha256(b"")
    level = [sha256(b"\0" + leaf) for leaf in leaves]
    while len(level) > 1:
        paired = [sha256(b"\1" + a + b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def check(document: dict[str, Any], expected: str | None) -> list[str]:
    """Give what is not so, in words; nothing means that the extract is proved."""
    wrong: list[str] = []
    leaves: list[bytes] = []
    reasons: Counter[str] = Counter()
    for position, entry in enumerate(document["berichten"]):
        if entry["positie"] != position:
            wrong.append(f"positie {position}: hier staat {entry['positie']}")
        if "bericht" in entry:
            text = json.dumps(entry["bericht"], sort_keys=True, separators=(",", ":"))
            leaves.append(sha256(bytes.fromhex(entry["zout"]) + text.encode("ascii")))
        else:
            leaves.append(bytes.fromhex(entry["verbintenis"]))
            reasons[entry["reden"]] += 1
    counts = {
        "totaal": len(leaves),
        "bewaard": len(leaves) - sum(reasons.values()),
        "weggelaten": dict(reasons),
    }
    if document["tellingen"] != counts:
        wrong.append(f"tellingen: er staat {document['tellingen']}, geteld is {counts}")
    computed = root_of(leaves).hex()
    if document["boom"]["wortel"] != computed:
        wrong.append("wortel: de berichten zijn niet die waarover de wortel is berekend")
    if expected is not None and expected.lower() != computed:
        wrong.append(f"wortel bij opname: {expected}, berekend: {computed}")
    return wrong


def recorded_root(path: Path) -> str | None:
    """The root that the MDTO sidecar of the folder names."""
    sidecar = path.parent / f"{path.parent.name}.mdto.xml"
    if not sidecar.is_file():
        return None
    found = re.search(r"Merkle-boom: ([0-9a-f]{64})", sidecar.read_text(encoding="utf-8"))
    return found[1] if found else None


def main() -> int:
    """Check what the command line names; give the exit status."""
    parser = argparse.ArgumentParser(description="Reken uittreksels van chatgesprekken na.")
    parser.add_argument("paden", nargs="+", type=Path, metavar="PAD")
    parser.add_argument("--wortel", default=None, help="wortel die bij de opname is vastgelegd")
    options = parser.parse_args()
    files = [
        file
        for path in options.paden
        for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])
    ]
    proved = failed = 0
    for path in files:
        try:
            document = json.loads(path.read_bytes())
            if not isinstance(document, dict) or document.get("schema") != SCHEMA:
                continue
            wrong = check(document, options.wortel or recorded_root(path))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if SCHEMA.encode() not in path.read_bytes():
                continue
            wrong = [f"geen geldig uittreksel ({type(error).__name__})"]
        for line in wrong:
            print(f"FOUT {path}: {line}")
        if wrong:
            failed += 1
            continue
        proved += 1
        gone = document["tellingen"]["weggelaten"]
        places = [e["positie"] for e in document["berichten"] if "reden" in e]
        print(
            f"BEWEZEN {path}: {document['tellingen']['bewaard']} berichten ongewijzigd, "
            f"weggelaten {gone or 'geen'} op plaats {places}"
        )
    if not proved and not failed:
        print("Geen uittreksels gevonden.")
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
