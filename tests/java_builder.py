"""Small Java archives for tests. Run as a program it writes the archives of the analyzer's cases anew."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

CASES = Path(__file__).parent / "data" / "analyzers" / "jar"


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


MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated "
    'documentation files (the "Software"), to deal in the Software without restriction'
)
LOG4J = {
    **manifest("Implementation-Title: Apache Log4j Core"),
    **pom("org.apache.logging.log4j", "log4j-core", "Apache License, Version 2.0"),
    **properties("org.apache.logging.log4j", "log4j-core", "2.14.1"),
}
COMMONS = {
    **manifest(
        "Implementation-Vendor-Id: org.apache",
        "Implementation-Title: Apache Commons Coll",
        " ections",
        "Implementation-Version: 3.2.1",
        "",
        "Name: org/apache",
        "Implementation-Version: 9.9",
    )
}
ARCHIVES: dict[str, dict[str, dict[str, bytes | str]]] = {
    "one-package": {"usr/share/java/log4j-core-2.14.1.jar": LOG4J},
    "renamed": {"app/logging.JAR": LOG4J},
    "shaded": {
        "app/all-1.0.jar": {
            **properties("com.acme", "all", "1.0"),
            **properties("com.google.guava", "guava", "31.0-jre"),
            "shaded/pom.properties": "groupId=com.google.guava\nartifactId=guava\nversion=31.0.0-jre\n",
            "odd/pom.properties": "groupId=com.acme\nversion=1\n",
            **pom("com.google.guava", "guava", "https://www.apache.org/licenses/LICENSE-2.0.txt"),
            "LICENSE": MIT,
        }
    },
    "spring-boot": {
        "app.jar": {
            **manifest("Implementation-Title: demo", "Implementation-Version: 0.0.1"),
            "BOOT-INF/lib/log4j-core-2.14.1.jar": jar(LOG4J),
            "BOOT-INF/lib/commons-collections-3.2.1.jar": jar(COMMONS),
        }
    },
    "war-in-ear": {
        "shop.ear": {"web.war": jar({"WEB-INF/lib/log4j-core-2.14.1.jar": jar(LOG4J)}), "../../etc/x.jar": jar(LOG4J)}
    },
    "manifest-only": {
        "lib/commons-collections-3.2.1.jar": COMMONS,
        "lib/bundle-4.1.par": {
            **manifest(
                "Bundle-SymbolicName: org.example.things.bundle;singleton:=true",
                "Bundle-Name: %bundle.name",
                "Specification-Title: bundle",
                "bundle-version: 4.1.0",
                'Bundle-License: https://opensource.org/licenses/MIT;description="x", https://example.org/terms',
            ),
            "LICENSE.txt": "not read, as the manifest says it",
        },
    },
    "licence-file": {
        "lib/one-1.0.jar": {**properties("org.example", "one", "1.0"), "META-INF/LICENSE.txt": MIT},
        "lib/two-1.0.jar": {**properties("org.example", "two", "1.0"), "LICENSE": MIT, "META-INF/LICENSE.txt": "other"},
    },
    "broken": {"lib/ok-1.0.jar": {**properties("org.example", "ok", "1.0"), "lib/damaged.jar": "not a ZIP archive"}},
}


def write() -> None:
    """Writes the archives of all cases, and two that are none."""
    for case, archives in ARCHIVES.items():
        for path, entries in archives.items():
            file = CASES / case / "root" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(jar(entries))
    broken = CASES / "broken" / "root" / "lib"
    (broken / "empty.jar").write_bytes(b"")
    (broken / "text.war").write_bytes(b"no archive at all")


if __name__ == "__main__":
    write()
