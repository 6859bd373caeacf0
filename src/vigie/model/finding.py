"""One thing wrong: a vulnerability, a misconfiguration or a secret; licence risks are the same kind of value."""

from msgspec import Struct

from vigie.model.advisory import DataSource, Details, Severity, Status
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.package import Package
from vigie.model.secret import Secret


class Vulnerability(Struct, frozen=True, kw_only=True, tag_field="kind", tag="vulnerability"):
    """A package met an advisory.

    id: CVE, or the source's own id. installed: the version text shown. fixed: versions that mend it, joined with ", ".
    severity_source: the id of whoever's rating was taken, "" for one precomputed by the database.
    details: None when the database has none (then there is no title and no link).
    tentative: the source does not say where the flaw ends; such a finding is shown and never fails a run by itself.
    """

    id: str
    package: Package
    installed: str
    fixed: str = ""
    status: Status = "affected"
    severity: Severity = "UNKNOWN"
    severity_source: str = ""
    vendor_ids: tuple[str, ...] = ()
    source: DataSource | None = None
    primary_url: str = ""
    details: Details | None = None
    malicious: bool = False
    tentative: bool = False
    omit_package_id: bool = False


Finding = Vulnerability | Misconfiguration | Secret


class Suppressed(Struct, frozen=True):
    """A finding that was judged not to count. status: `ignored`, `not_affected`, `fixed`…; source: the file that says
    so."""

    finding: Finding
    status: str
    statement: str = ""
    source: str = ""
