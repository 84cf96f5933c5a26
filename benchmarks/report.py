"""Keep an outcome for people (README) and for programs (JSON); say on what it was measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
Verdict = tuple[bool, str]


def machine() -> dict[str, str | int]:
    """Say on what this was measured; nothing that names the machine."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
        "date": date.today().isoformat(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def keep(
    name: str,
    table: str,
    verdicts: Sequence[Verdict],
    data: Mapping[str, object],
    remarks: Sequence[str] = (),
) -> None:
    """Write ``uitkomsten/<name>.json`` and what stands in the README between the marks of `name`."""
    facts = machine()
    asked = [{"met": good, "what": what} for good, what in verdicts]
    found = {"machine": facts, **data, "asked": asked, "left_out": list(remarks)}
    (HERE / "uitkomsten").mkdir(exist_ok=True)
    (HERE / "uitkomsten" / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    readme = HERE / "README.md"
    before, mark, rest = readme.read_text().partition(begin)
    if not mark:
        raise SystemExit(f"the README has no place for {name}")
    where = ", ".join(f"{key} {value}" for key, value in facts.items())
    judged = [f"- {'met' if good else 'NOT MET'}: {what}" for good, what in verdicts]
    judged += [f"- left out: {reason}" for reason in remarks]
    text = f"Measured: {where}.\n\n{table}\n" + "".join(f"{line}\n" for line in judged)
    readme.write_text(f"{before}{begin}{text}{end}{rest.partition(end)[2]}")
