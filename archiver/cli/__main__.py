"""``python -m archiver.cli``: the same as ``archiefklaar``."""

from __future__ import annotations

from archiver.cli import main

if __name__ == "__main__":
    main()
