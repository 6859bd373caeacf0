"""A whole Debian, as its own installer makes it: pushed to a real registry, scanned, and compared with what dpkg says.

It needs the superuser and a Debian mirror, takes two minutes, and so runs only when it is asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from builders.hostile import saved
from program import Program, findings
from servers import docker_registry
from servers.docker_registry import COPY, PROGRAMS, run

MISSING = [name for name in (*PROGRAMS, "debootstrap", "dpkg-query") if shutil.which(name) is None]
WHY = f"not installed: {', '.join(MISSING)}" if MISSING else "debootstrap needs the superuser" if os.geteuid() else ""
WHY = WHY or ("" if os.environ.get("VIGIE_NETWORK") else "it fetches a Debian: set VIGIE_NETWORK=1 to run it")
pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(WHY), reason=WHY)]


def test_a_minimal_debian(vigie: Program, tmp_path: Path) -> None:
    root = tmp_path / "root"
    try:
        command = ["debootstrap", "--variant=minbase", "bookworm", root]
        made = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("no Debian mirror answers in time")
    if made.returncode:
        pytest.skip(f"debootstrap failed: {made.stdout[-300:]}")
    for cache in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / cache, ignore_errors=True)

    def without_devices(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if member.isdev() else member

    with tarfile.open(tmp_path / "root.tar", "w") as archive:
        for path in sorted(root.iterdir()):
            archive.add(path, arcname=path.name, filter=without_devices)
    saved(tmp_path / "system.tar", (tmp_path / "root.tar").read_bytes())
    form = "${Package} ${Version} ${source:Package} ${source:Version}\n"
    by_dpkg = run("dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", form)
    with docker_registry.serving(tmp_path) as host:
        options = ("--dest-tls-verify=false", "--dest-compress-format=gzip", "--dest-compress-level=1")
        run(*COPY, *options, f"docker-archive:{tmp_path}/system.tar:app:1", f"docker://{host}/team/system:1")
        report = vigie.json("image", f"{host}/team/system:1")
    (system,) = (result for result in report["Results"] if result["Class"] == "os-pkgs")

    def version(package: dict[str, str], of: str) -> str:
        epoch = f"{package[f'{of}Epoch']}:" if package.get(f"{of}Epoch") else ""
        release = f"-{package[f'{of}Release']}" if package.get(f"{of}Release") else ""
        return f"{epoch}{package[f'{of}Version']}{release}"

    told = {(p["Name"], version(p, ""), p["SrcName"], version(p, "Src")) for p in system["Packages"]}
    assert told == {tuple(line.split()) for line in by_dpkg.splitlines()}
    assert len(told) > 80
    # zlib is in every Debian, and the advisories of these tests know no fix for it
    assert {found[:2] for found in findings(report)} == {("CVE-2099-1002", "zlib1g")}
    assert findings(vigie.json("rootfs", root)) == findings(report)
    # a second scan reads nothing again
    again = vigie.run("image", "--input", tmp_path / "system.tar", "-f", "json")
    assert findings(again.report) == findings(report)
    assert again.peak < 300
