"""A work folder to practise in: the invented municipality, and nothing of it stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

from archiver.services.demo import samples
from ui.operations.archive import ArchiveCore
from ui.operations.core import Profile
from ui.words import language

_SETTINGS = """\
taal = "{taal}"
[organisatie]
naam = "Gemeente Veldermeer"
[gebruiker]
naam = "Mira van Oosterhof"
rol = "medewerker"
"""


def practice_paths() -> tuple[Path, ...]:
    """Give the sample messages: one folder per person."""
    return tuple(p for p in sorted(samples().iterdir()) if p.is_dir() and p.name != "selectie")


class PracticeCore(ArchiveCore):
    """The real core on a temporary work folder, which is taken away when it is closed."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="archiefklaar-oefenen-"))
        super().__init__(self.folder / "werkmap")

    def open(self) -> Profile:
        """Fill the work folder and open it."""
        werkmap = self.folder / "werkmap"
        shutil.copytree(samples() / "selectie", werkmap / "selectie", dirs_exist_ok=True)
        settings = _SETTINGS.format(taal=language())
        (werkmap / "instellingen.toml").write_text(settings, encoding="utf-8")
        return super().open()

    def close(self) -> None:
        """Close it and leave nothing behind."""
        super().close()
        shutil.rmtree(self.folder, onerror=_writable)


def _writable(function: object, name: str, _: object) -> None:
    """Vault files are read-only, which Windows refuses to delete: allow it and try once more."""
    place = Path(name)
    place.chmod(0o600)
    place.unlink()
