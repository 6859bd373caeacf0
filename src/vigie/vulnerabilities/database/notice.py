"""The file `NOTICE`: terms of the eBPF programs, and the sources of the database that is shipped."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

_HEAD = """\
Vigie

The eBPF programs (crates/probe/bpf, and compiled in the product) may be had under Apache-2.0, MIT or GPL-2.0-only.
They tell the kernel "Dual MIT/GPL", since it lends what reads memory to such programs alone. They hold no text
of the kernel: names, numbers and layouts that programs need are facts of its interface. The compiler (ziglang, MIT;
clang, Apache-2.0 with LLVM exceptions) is used when the product is built and is no part of it.

The database of advisories that is part of this product (snapshot.db) was made from the public sources below. It holds
facts only: ids, package names, version ranges, states, severities, CVSS vectors, weakness ids, scores, dates and links.
Titles, summaries and descriptions were not taken. The facts were changed in form, merged and shortened; errors made on
the way are ours.

Creative Commons Attribution 4.0 (CC-BY-4.0): https://creativecommons.org/licenses/by/4.0/
This product uses data of the NVD but is not endorsed or certified by the NVD.
EPSS scores: FIRST.org, https://www.first.org/epss/
CVE is a trademark of The MITRE Corporation. Use of CVE records is subject to https://www.cve.org/Legal/TermsOfUse
Names of weaknesses: Common Weakness Enumeration (CWE), (c) The MITRE Corporation, see
https://cwe.mitre.org/about/termsofuse.html
CVSS is a trademark of FIRST.Org, Inc.; scores of version 4.0 follow the table that FIRST publishes with it.

Sources: name, day of the data; whom to credit; terms; where it is from.
"""


def notice(path: Path) -> str:
    """The notice for a database file."""
    import sqlite3

    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        rows = connection.execute(
            "SELECT name, date, (SELECT MAX(answer.date) FROM answer WHERE source = number), attribution, licence, url "
            "FROM source WHERE file != '' ORDER BY LOWER(name), file"
        ).fetchall()
    entries = []
    for name, day, newest, credit, licence, url in rows:
        until = f" to {newest}" if newest and newest > day else ""
        entries.append(f"\n- {name}, {day}{until}\n  {credit}; {licence or 'no terms stated'}\n  {url}\n")
    return _HEAD + "".join(entries)
