"""kill -9 around the release of a package: what stands is known, what does not stand is forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.export.check import check
from archiver.model import ItemStatus
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.intake import TakeIn, take_in
from archiver.services.package_intent import FOLDER
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.verify import verify
from tests.helpers.messages import mail, work_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is a signal of POSIX systems")

# What is replaced by a kill, and whether the package stands after it.
MOMENTS = {
    "mdto._flush": False,  # before it has its name
    "packaging_run._record": True,  # it has its name, the register does not know it
    "package_intent.fulfil": True,  # the register knows it already
}
CHILD = """
import os, signal, sys
from pathlib import Path
from archiver.bootstrap import open_archive
from archiver.export import mdto
from archiver.progress import Silent
from archiver.services import package_intent, packaging_run

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    module, name = sys.argv[3].split(".")
    known = {"mdto": mdto, "package_intent": package_intent, "packaging_run": packaging_run}
    setattr(known[module], name, die)
    archive = open_archive(Path(sys.argv[1]), origin="proef")
    packaging_run.make_package(archive, packaging_run.MakePackage(Path(sys.argv[2])), Silent())
"""


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_package_is_known_or_not_there_after_a_kill(tmp_path: Path, moment: str) -> None:
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(mail(f"Bericht {number}", number=number))
    archive = work_folder(tmp_path / "werkmap")
    take_in(archive, TakeIn(tuple(tmp_path.glob("*.eml"))), Silent())
    archive.close()
    (tmp_path / "kind.py").write_text(CHILD, encoding="utf-8")
    target = tmp_path / "uit" / "levering"
    command = [sys.executable, tmp_path / "kind.py", archive.werkmap, target, moment]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], timeout=300, env=_env())
    assert done.returncode == -9
    assert target.exists() == MOMENTS[moment]
    archive = work_folder(tmp_path / "werkmap")
    try:
        assert not list((archive.werkmap / FOLDER).iterdir())
        made = overview.all_packages(archive)
        assert [p.path for p in made] == ([str(target)] if MOMENTS[moment] else [])
        assert overview.counts(archive)[ItemStatus.VERPAKT] == (3 if MOMENTS[moment] else 0)
        assert verify(archive, Silent()).findings == ()
        if MOMENTS[moment]:
            assert check(target, Silent()).counts.package_hash == made[0].package_hash
        else:
            assert make_package(archive, MakePackage(target), Silent()).released
        assert [p.name for p in target.parent.iterdir() if p.suffix == ".bezig"] == []
    finally:
        archive.close()


def _env() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
