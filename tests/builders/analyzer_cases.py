"""The binary inputs of the analyzers' cases; `PYTHONPATH=tests python -m builders.analyzer_cases` writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders import rpm
from builders.executable import audit, elf, go_inline, macho, modules, pe, wasm
from builders.java import jar, manifest, pom, properties

CASES = Path(__file__).parent.parent / "data" / "analyzers"
DATA = 0xC0000040
TEXT = """path\texample.com/Shop/tool/cmd/tool
mod\texample.com/Shop/tool\t{version}\t
dep\tgithub.com/gin-gonic/gin\tv1.7.0\th1:a=
dep\tgolang.org/x/text\tv0.3.7\th1:b=
=>\texample.com/fork/text\tv0.3.9\th1:c=
dep\texample.com/local\tv1.0.0
=>\t./local\t(devel)\t
build\t-buildmode=exe
build\t-ldflags={flags}
"""
LINKED = "\"-s -w -X main.version=v2.0.1 -X main.commit=abc -X 'other.Version=3.0.0'\""
CRATES: list[dict[str, Any]] = [
    {"name": "adler", "version": "1.0.2", "source": "crates.io"},
    {"name": "cc", "version": "1.0.1", "source": "crates.io", "kind": "build"},
    {"name": "miniz_oxide", "version": "0.7.0", "source": "crates.io", "dependencies": [0]},
    {"name": "tool", "version": "1.0.0", "source": "local", "dependencies": [2, 1, 0, 99], "root": True},
]


def go(version: str, flags: str = '""', toolchain: str = "go1.22.3") -> bytes:
    """Build information of a program with three modules, two of them replaced."""
    return go_inline(toolchain, modules(TEXT.format(version=version, flags=flags)))


def windows(info: bytes) -> bytes:
    """The smallest program that holds it."""
    return pe({".data": (DATA, info)})


PROGRAMS = {
    "gobinary/released/root/usr/local/bin/tool": macho({"__go_buildinfo": go("v1.4.0", '"-X main.version=9.9.9"')}),
    "gobinary/linked/root/bin/tool.exe": windows(go("(devel)", LINKED)),
    "gobinary/pseudo-version/root/bin/tool.exe": windows(
        go("v0.0.0-20240102030405-0123456789ab", '"-X main.version=1.0 -X main.Version=2.0"')
    ),
    "gobinary/symbols/root/bin/tool": elf(
        {".go.buildinfo": go("(devel)", toolchain="go1.21.5 X:boringcrypto")},
        symbols={"main.version.str": b"1.2.3-rc.1"},
    ),
    "gobinary/short/root/bin/broken.exe": windows(go_inline("go1.22.3", modules("path\tx\nmod\tx\n"))),
    "gobinary/no-modules/root/bin/old.exe": windows(go_inline("devel go1.23-abc Tue")),
    "rustbinary/elf/root/usr/bin/tool": elf({".dep-v0": audit(CRATES)}),
    "rustbinary/wasm/root/app/tool.wasm": wasm({".dep-v0": audit(CRATES)}),
    "rustbinary/broken/root/app/tool.wasm": wasm({".dep-v0": audit([{"name": "x"}])}),
}

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

RED_HAT: list[dict[str, Any]] = [
    {
        "name": "bash",
        "version": "5.1.8",
        "release": "6.el9_1",
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "GPLv3+",
        "source_rpm": "bash-5.1.8-6.el9_1.src.rpm",
        "provides": ["/bin/sh", "bash", "bash(x86-64)"],
        "requires": ["libc.so.6()(64bit)", "filesystem", "not-there"],
        "folders": ["/etc/skel/", "/usr/bin/"],
        "names": [".bashrc", "bash", "sh"],
        "indexes": [0, 1, 1],
        "md5": bytes(range(16)),
    },
    {
        "name": "glibc",
        "version": "2.34",
        "release": "83.el9.7",
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "LGPLv2+ and LGPLv2+ with exceptions",
        "source_rpm": "glibc-2.34-83.el9.7.src.rpm",
        "provides": ["libc.so.6()(64bit)", "glibc"],
        "requires": ["libc.so.6()(64bit)", "/bin/sh"],
    },
    {
        "name": "npm",
        "version": "10.2.4",
        "release": "1.18.19.0.1.module+el9.3.0+20792+b8ea1a3e",
        "epoch": 1,
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "Artistic 2.0",
        "source_rpm": "nodejs-18.19.0-1.module+el9.3.0+20792+b8ea1a3e.src.rpm",
        "modularity": "nodejs:18:9030020231205120541:rhel9",
    },
    {
        "name": "gpg-pubkey",
        "version": "fd431d51",
        "release": "4ae0493b",
        "license": "pubkey",
        "vendor": "(none)",
        "source_rpm": "(none)",
    },
    {
        "name": "docker-ce",
        "version": "24.0.7",
        "release": "1.el9",
        "epoch": 3,
        "arch": "x86_64",
        "vendor": "Docker",
        "license": "ASL 2.0",
        "source_rpm": "docker-ce-24.0.7-1.el9.src.rpm",
        "folders": ["/usr/bin/"],
        "names": ["dockerd"],
        "indexes": [0],
    },
    {
        "name": "acl",
        "version": "2.2.49",
        "release": "6.11.amzn1",
        "arch": "x86_64",
        "license": "GPLv2+",
        "source_rpm": "acl.src.rpm",
    },
]


def write(path: str, content: bytes) -> None:
    file = CASES / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


if __name__ == "__main__":
    for path, content in PROGRAMS.items():
        write(path, content)
        (CASES / path).chmod(0o755)
    for case, archives in ARCHIVES.items():
        for path, entries in archives.items():
            write(f"jar/{case}/root/{path}", jar(entries))
    write("jar/broken/root/lib/empty.jar", b"")
    write("jar/broken/root/lib/text.war", b"no archive at all")
    database = CASES / "rpm/red-hat-9/root/var/lib/rpm/rpmdb.sqlite"
    database.unlink(missing_ok=True)
    rpm.sqlite_file([rpm.header(tags) for tags in RED_HAT], database)
