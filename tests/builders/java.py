"""Small Java archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def jar(entries: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive of these entries, the same bytes each time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 6)), content)
    return stream.getvalue()


def properties(group: str, artifact: str, version: str) -> dict[str, bytes | str]:
    """The pom.properties that Maven's archiver writes."""
    text = f"#Created by Apache Maven 3.9.6\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}


def pom(group: str, artifact: str, *licenses: str) -> dict[str, bytes | str]:
    """A pom.xml that states licences; one with `://` is stated by its address."""
    stated = "".join(
        f"<license><{tag}>{text}</{tag}></license>" for text in licenses for tag in ["url" if "://" in text else "name"]
    )
    text = f"<project><groupId>{group}</groupId><licenses>{stated}</licenses></project>"
    return {f"META-INF/maven/{group}/{artifact}/pom.xml": text}


def manifest(*lines: str) -> dict[str, bytes | str]:
    """A manifest with these lines."""
    return {"META-INF/MANIFEST.MF": "".join(f"{line}\r\n" for line in ("Manifest-Version: 1.0", *lines))}
