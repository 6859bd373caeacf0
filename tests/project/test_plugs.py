"""Facts about the plug-ins as a whole."""

from __future__ import annotations

from vigie import plugs
from vigie.registry import collect
from vigie.scanner.analyzer import Analyzer, Group
from vigie.scanner.distro import Distro
from vigie.scanner.ecosystem import Ecosystem


def test_the_index_says_what_the_declarations_say() -> None:
    assert plugs.index() == plugs.build_index(), "run `make index`"


def test_every_type_of_package_belongs_to_an_ecosystem() -> None:
    analyzers = collect(Analyzer, plugs.PACKAGES[Analyzer]).values()
    types = {analyzer.type for analyzer in analyzers if analyzer.group is not Group.SYSTEM}
    known = {type_ for ecosystem in collect(Ecosystem, plugs.PACKAGES[Ecosystem]).values() for type_ in ecosystem.types}
    assert types - known == set()


def test_an_analyzer_loads_when_its_first_file_is_met() -> None:
    late = {analyzer.name: analyzer for analyzer in plugs.analyzers()}
    assert late.keys() == collect(Analyzer, plugs.PACKAGES[Analyzer]).keys()


def test_the_named_families_are_there() -> None:
    families = [
        "alpine",
        "wolfi",
        "chainguard",
        "debian",
        "ubuntu",
        "redhat",
        "centos",
        "alma",
        "rocky",
        "oracle",
        "amazon",
    ]
    assert sorted(plugs.distros(families)) == sorted(families)
    assert set(collect(Distro, plugs.PACKAGES[Distro])) >= set(families)
