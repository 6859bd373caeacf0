"""The text that credits the sources of the database that is shipped: the file `NOTICE`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

_HEAD = """\
Vigie

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
