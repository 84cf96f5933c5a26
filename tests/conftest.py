"""Set-up for every test: no screen is needed; a missing corpus or other reader is said aloud."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import hypothesis

from tests.helpers.shared import SHARED

# A loaded machine must not fail a test: speed is measured in benchmarks/, never by a clock in a test.
hypothesis.settings.register_profile("archiefklaar", deadline=None)
hypothesis.settings.load_profile("archiefklaar")


def pytest_report_header() -> list[str]:
    if SHARED is None:
        return ["CORPUS: *** ABSENT - every corpus test is skipped (set ARCHIEFKLAAR_SHARED) ***"]
    others = {"readpst": shutil.which("readpst"), "libpff": find_spec("pypff")}
    absent = [name for name, found in others.items() if found is None]
    return [
        "CORPUS: present",
        *(f"{name}: *** ABSENT - .pst is NOT compared with it ***" for name in absent),
    ]
