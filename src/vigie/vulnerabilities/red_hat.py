"""Red Hat's advisories in Trivy's database: each holds for some products only, named by numbers of CPEs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from vigie.model.advisory import Advisory
from vigie.model.inventory import BuildInfo, OperatingSystem
from vigie.model.package import Package
from vigie.scanner.distro import Platform, major
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.versions.ordering import InvalidVersion, Ordering

BUCKET = "Red Hat"
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "6": ("rhel-6-server-rpms", "rhel-6-server-extras-rpms"),
    "7": ("rhel-7-server-rpms", "rhel-7-server-extras-rpms"),
    "8": ("rhel-8-for-x86_64-baseos-rpms", "rhel-8-for-x86_64-appstream-rpms"),
    "9": ("rhel-9-for-x86_64-baseos-rpms", "rhel-9-for-x86_64-appstream-rpms"),
}
"""Content sets of a system that does not say which it has, by major release."""

_STREAM_MARK = re.compile(r"__\d+\Z")


class Products:
    """Which products a package's layer is built from, asked once per layer."""

    def __init__(
        self,
        database: AdvisoryDatabase,
        platform: Platform,
        system: OperatingSystem,
        builds: Mapping[str, BuildInfo],
    ) -> None:
        self._database, self._system, self._builds = database, system, builds
        self._numbered = platform.trivy == BUCKET
        self._known: dict[str, frozenset[int] | None] = {}

    def of(self, package: Package) -> frozenset[int] | None:
        """CPE numbers; empty when the content sets are unknown to the database, None when it does not use numbers."""
        if not self._numbered:
            return None
        layer = _layer(package)
        if layer not in self._known:
            self._known[layer] = self._database.red_hat_cpes(self._build(layer), major(self._system.name))
        return self._known[layer]

    def named(self, package: Package) -> tuple[str, ...]:
        """The content sets that stand for a package's layer."""
        return self._build(_layer(package)).content_sets

    def _build(self, layer: str) -> BuildInfo:
        build = self._builds.get(layer)
        if build is None:
            return BuildInfo(content_sets=DEFAULTS.get(major(self._system.name), ()))
        return BuildInfo(
            content_sets=tuple(_STREAM_MARK.sub("", name) for name in build.content_sets),
            nvr=build.nvr,
            arch=build.arch,
        )


def _layer(package: Package) -> str:
    return package.layer.diff_id if package.layer else ""


def candidates(
    advisories: Iterable[Advisory], package: Package, products: frozenset[int], ordering: Ordering
) -> list[Advisory]:
    """For each vulnerability the advisory that counts: of those for these products and this architecture the one with
    the greatest fix (none is the least; of equals the smallest vendor id), so that a fix hides the unfixed entry
    beside it."""
    best: dict[str, Advisory] = {}
    for advisory in advisories:
        if products.isdisjoint(advisory.cpes):
            continue
        if advisory.arches and package.arch != "noarch" and package.arch not in advisory.arches:
            continue
        held = best.get(advisory.id)
        if held is None or _greater(advisory, held, ordering):
            best[advisory.id] = advisory
    return [best[id] for id in sorted(best)]


def _greater(advisory: Advisory, held: Advisory, ordering: Ordering) -> bool:
    if not advisory.fixed or not held.fixed:
        return bool(advisory.fixed) or (not held.fixed and advisory.vendor_ids < held.vendor_ids)
    try:
        new, old = ordering.key(advisory.fixed), ordering.key(held.fixed)
    except InvalidVersion:
        return False
    return bool(new > old or (new == old and advisory.vendor_ids < held.vendor_ids))
