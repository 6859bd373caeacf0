"""Licences of locked packages, read from what is installed beside the lock file."""

from __future__ import annotations

from vigie.ecosystems.npm.manifest import licenses_of, read_manifest
from vigie.scanner.analyzer import File


def installed_licenses(file: File, name: str, version: str, *folders: str) -> tuple[str, ...]:
    """The licences that the package.json in the first of `folders` states that holds exactly this name and version.

    folders: relative to the lock file. A damaged package.json counts as absent: it is read, and complained about, as
    an installed package where those are asked for.
    """
    for folder in folders:
        try:
            data = file.beside(f"{folder}/package.json")
            if data is None:
                continue
            manifest = read_manifest(data)
        except (OSError, ValueError):  # among others a name in the lock file that no folder can have
            continue
        if manifest.name == name and manifest.version == version:
            return licenses_of(manifest)
    return ()
