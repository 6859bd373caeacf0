"""Matches an inventory of 100,000 packages, such as a large SBOM has, against the shipped database."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from vigie import plugs
from vigie.model.inventory import Inventory, PackageList
from vigie.model.package import Package
from vigie.settings.groups import DatabaseOptions, Options
from vigie.vulnerabilities.database import open_database
from vigie.vulnerabilities.detector import detect

COUNT = 100_000
KNOWN = ("django", "jinja2", "requests", "urllib3", "pyyaml", "pillow", "flask", "numpy", "lxml", "cryptography")


def main() -> None:
    """Every twentieth package is one that advisories name; the others are not."""
    packages = tuple(
        Package(
            name=KNOWN[n // 20 % 10] if n % 20 == 0 else f"package-{n}",
            version=f"{n % 7}.{n % 11}.{n % 13}",
            path=f"{n}",
        )
        for n in range(COUNT)
    )
    inventory = Inventory(applications=(PackageList("python-pkg", "", packages),))
    options = Options(database=DatabaseOptions(database="vigie"))
    with_database = open_database(options, Path("/nonexistent"))
    before = time.process_time()
    judged = detect(
        inventory,
        with_database,
        distros={},
        ecosystems=plugs.ecosystems(["python-pkg"]),
        artifact_name="bench",
        today=date(2026, 11, 22),
        options=options,
    )
    spent = time.process_time() - before
    findings = sum(len(result.findings) for result in judged.results)
    print(f"{COUNT} packages, {findings} findings, {spent:.2f} CPU s", file=sys.stderr)


if __name__ == "__main__":
    main()
