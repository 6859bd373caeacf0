"""What a database knows: advisories about packages, and details about vulnerabilities."""

from typing import Literal, get_args

from msgspec import Struct

Severity = Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Status = Literal[
    "unknown",
    "not_affected",
    "affected",
    "fixed",
    "under_investigation",
    "will_not_fix",
    "fix_deferred",
    "end_of_life",
]
STATUSES: tuple[Status, ...] = get_args(Status)
"""In the order of the numbers that Trivy's database stores."""


class DataSource(Struct, frozen=True, omit_defaults=True):
    """Where an advisory came from. `base_id` names the feed that a derived one is built on."""

    id: str
    name: str
    url: str = ""
    base_id: str = ""


class Range(Struct, frozen=True, omit_defaults=True):
    """Affected versions in OSV's sense: from `introduced` ("0" is the beginning) up to, not including, `fixed`, or up
    to and including `last_affected`; without either to the end."""

    introduced: str = "0"
    fixed: str = ""
    last_affected: str = ""


class Advisory(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement "these versions of this package are affected by `id`". How it states them depends on the database:

    - `fixed` alone: affected below `fixed`; "" means no fix is named (distributions in Trivy's database);
    - `ranges` and `versions`: OSV's ranges and exact versions (our own database), any may hold;
    - `vulnerable`, `patched`, `unaffected`: constraint texts of the ecosystem's language, alternatives in each tuple
      (languages in Trivy's database).

    malicious: the package is malware. end_unknown: the source does not say where the flaw ends.
    binary: speaks of a binary package of a distribution, so that package's own version is compared.
    """

    id: str
    source: DataSource | None = None
    fixed: str = ""
    affected_from: str = ""
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    vulnerable: tuple[str, ...] = ()
    patched: tuple[str, ...] = ()
    unaffected: tuple[str, ...] = ()
    status: Status = "unknown"
    severity: Severity | None = None
    vendor_ids: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    arches: tuple[str, ...] = ()
    cpes: tuple[int, ...] = ()
    malicious: bool = False
    end_unknown: bool = False
    binary: bool = False


class Cvss(Struct, frozen=True, omit_defaults=True):
    """One source's vectors and base scores."""

    v2_vector: str = ""
    v3_vector: str = ""
    v40_vector: str = ""
    v2_score: float = 0.0
    v3_score: float = 0.0
    v40_score: float = 0.0


class Details(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known about a vulnerability apart from packages. `severities` is the rating of each source by its id.

    epss: probability (0 to 1) of exploitation in the next 30 days. exploited: on the list of known exploited ones.
    """

    id: str
    title: str = ""
    description: str = ""
    severity: Severity = "UNKNOWN"
    severities: dict[str, Severity] = {}
    cvss: dict[str, Cvss] = {}
    weaknesses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    epss: float | None = None
    epss_percentile: float | None = None
    exploited: bool = False
    rejected: bool = False
