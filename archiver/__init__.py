"""The core of Archiefklaar: intake, vault, register, services, packages, command line. No Qt."""

__version__ = "0.1.0"
