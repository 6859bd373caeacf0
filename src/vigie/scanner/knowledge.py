"""What a database of advisories must answer. `vulnerabilities/database/` has the two that do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from vigie.model.advisory import Advisory, Details
from vigie.model.inventory import BuildInfo
from vigie.model.report import Knowledge
from vigie.scanner.distro import Platform
from vigie.scanner.ecosystem import Ecosystem


class AdvisoryDatabase(Protocol):
    """Read-only, safe to share between threads and processes. All look-ups raise KnowledgeError when the file is
    damaged."""

    def of_release(self, platform: Platform, name: str, binary: str) -> Sequence[Advisory]:
        """Advisories of one package of a distribution's release. name: what the distribution keys by (`Distro.lookup`);
        binary: the binary package's own name, for `Platform.osv_binary`."""
        ...

    def of_ecosystem(self, ecosystem: Ecosystem, name: str) -> Sequence[Advisory]:
        """Advisories, malicious-package records included, of one package of a language; `name` is already
        normalised."""
        ...

    def covers(self, where: Platform | Ecosystem) -> bool:
        """Whether there is any advisory for this release or ecosystem at all. If not, the result was not judged."""
        ...

    def red_hat_cpes(self, build: BuildInfo, release: str) -> frozenset[int] | None:
        """CPE indices of a Red Hat image's content sets; None when this database does not use them."""
        ...

    def details(self, ids: Iterable[str]) -> dict[str, Details]:
        """Details of vulnerabilities by id; ids that are unknown are left out."""
        ...

    def describe(self, used: Iterable[Platform | Ecosystem]) -> Knowledge:
        """Which database this is and how old the sources are that answered for `used`."""
        ...

    def close(self) -> None:
        """Releases the file."""
        ...
