"""Which files are programs: what a computer runs, installs or mounts when somebody opens them."""

from __future__ import annotations

from archiver.intake.walk import safe_name

# By the last extension: Windows, macOS, Linux and phones.
_WORDS = (
    "apk app appimage application appref-ms bat chm cmd com command cpl deb desktop dll dmg exe gadget hta "
    "img inf ipa iso jar jnlp js jse lnk msc msi msp pif pkg ps1 psm1 reg rpm scf scr settingcontent-ms "
    "sh url vb vbe vbs vhd vhdx webloc wsf wsh xll"
)
NAMES = frozenset(_WORDS.split())
# By the first bytes: Windows, Linux, a script, Java, macOS.
RUNS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf")


def extension(name: str | None) -> str:
    """Give the last extension of a name, in lower case and without the dot; empty when there is none."""
    clean = safe_name(name)
    return clean.rpartition(".")[2].lower() if "." in clean else ""


def is_program(name: str | None, data: bytes) -> bool:
    """Tell whether a file is a program, by its name and its first bytes (64 or more).

    Two letters MZ can begin a text too; only the header of a program has zeros after them.
    """
    if extension(name) in NAMES:
        return True
    return data.startswith(RUNS) and (not data.startswith(b"MZ") or b"\0" in data[:64])
