"""Set-up for every test: no screen is needed, and a missing corpus is said aloud."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from tests.helpers.shared import SHARED


def pytest_report_header() -> str:
    if SHARED is None:
        return "CORPUS: *** ABSENT - every corpus test is skipped (set ARCHIEFKLAAR_SHARED) ***"
    return "CORPUS: present"
