"""The shape of a language ecosystem: facts that are looked up, never switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from vigie.versions.ordering import Ordering


class Ecosystem(Struct, frozen=True, kw_only=True):
    """One ecosystem, such as npm.

    name: ours, also the prefix of buckets in Trivy's database (`npm::…`) unless `trivy` says otherwise.
    osv: OSV's ecosystem names that hold its advisories (`npm`); the first is the main one.
    types: the report's Types that belong to it (`npm`, `yarn`, `node-pkg`, …).
    aggregated: of those, the ones whose files form one result, with its Target (`node-pkg` → `Node.js`).
    normalise: a package's name as databases key it.
    ordering: of its versions. fixed versions of Trivy's `patched` texts are shown as they stand.
    """

    name: str
    osv: tuple[str, ...]
    types: tuple[str, ...]
    ordering: Ordering
    trivy: str = ""
    aggregated: Mapping[str, str] = {}
    normalise: Callable[[str], str] = str.lower
