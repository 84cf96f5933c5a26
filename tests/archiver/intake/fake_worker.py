"""Start the real worker with the parser double added; run as a script by the pool."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from archiver.intake import worker

if __name__ == "__main__":
    raise SystemExit(worker.main(["fake_parser"]))
