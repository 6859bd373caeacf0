"""Merging layers: what replaces, what deletes, and which layer a package keeps."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from vigie.model.artifact import LayerReference
from vigie.model.inventory import (
    BuildInfo,
    OperatingSystem,
    OwnedFiles,
    PackageLicenses,
    PackageList,
    PartFacts,
    Problem,
)
from vigie.model.package import Package
from vigie.scanner.merge import merge, merge_systems, without_owned


class Layer:
    """A part that only has a reference."""

    def __init__(self, number: int) -> None:
        self.reference = LayerReference(f"sha256:d{number}", f"sha256:{number}", created_by=f"RUN {number}")


def merged(*facts: PartFacts):
    return merge([Layer(number) for number in range(len(facts))], facts)  # type: ignore[arg-type]


def dpkg(*packages: Package, path: str = "var/lib/dpkg/status", **more) -> PartFacts:
    return PartFacts(os_packages=(PackageList("deb", path, packages),), **more)


def wheels(*names: str, **more) -> PartFacts:
    return PartFacts(
        applications=tuple(
            PackageList(
                "python-pkg",
                f"site/{name}.dist-info/METADATA",
                (Package(name=name, version="1", path=f"site/{name}.dist-info/METADATA"),),
            )
            for name in names
        ),
        **more,
    )


def names(inventory) -> list[str]:
    return sorted(package.name for found in inventory.applications for package in found.packages)


BASH = Package(name="bash", version="5.1", id="bash@5.1")
CURL = Package(name="curl", version="7.88", id="curl@7.88")


def test_a_rewritten_package_database_replaces_the_list_and_packages_keep_their_first_layer() -> None:
    inventory = merged(dpkg(BASH), dpkg(BASH, CURL))
    assert {p.name: p.layer.created_by for p in inventory.os_packages if p.layer} == {"bash": "RUN 0", "curl": "RUN 1"}


def test_a_package_upgraded_in_a_later_layer_belongs_to_that_layer() -> None:
    newer = Package(name="bash", version="5.2", id="bash@5.2")
    (package,) = merged(dpkg(BASH), dpkg(newer)).os_packages
    assert (package.version, package.layer and package.layer.diff_id) == ("5.2", "sha256:1")


def test_whiteouts_delete_files_and_whole_folders() -> None:
    lower = wheels("requests", "flask")
    assert names(merged(lower, PartFacts(whiteouts=("site/flask.dist-info/METADATA",)))) == ["requests"]
    assert names(merged(lower, PartFacts(whiteouts=("site",)))) == []
    assert names(merged(lower, PartFacts(whiteouts=("sit",)))) == ["flask", "requests"]


def test_an_opaque_folder_hides_what_was_below_it_but_not_what_its_own_layer_brings() -> None:
    assert names(merged(wheels("requests"), wheels("flask", opaque=("site/",)))) == ["flask"]


def test_a_whiteout_in_the_same_layer_as_the_file_does_not_delete_it() -> None:
    assert names(merged(wheels("flask", whiteouts=("site/flask.dist-info",)))) == ["flask"]


def test_files_owned_by_packages_come_from_the_layer_that_brought_the_package() -> None:
    owned = OwnedFiles("bash", ("/usr/share/bash",))
    inventory = merged(dpkg(BASH, owned_files=(owned,)), dpkg(BASH, CURL))
    assert {p.name: p.installed_files for p in inventory.os_packages} == {"bash": ("/usr/share/bash",), "curl": ()}


def test_language_packages_owned_by_the_distribution_are_left_to_it() -> None:
    owner = Package(name="python3-six", version="1", installed_files=("/site/six.dist-info/METADATA",))
    inventory = merged(
        PartFacts(os_packages=(PackageList("deb", "status", (owner,)),), applications=wheels("six", "own").applications)
    )
    assert names(without_owned(inventory)) == ["own"]


def test_third_party_packages_own_nothing() -> None:
    foreign = Package(name="chrome", version="1", third_party=True)
    inventory = merged(dpkg(foreign, owned_files=(OwnedFiles("chrome", ("/opt/x",)),)))
    assert inventory.os_packages[0].installed_files == ()


def test_copyright_files_replace_licences() -> None:
    inventory = merged(dpkg(BASH), PartFacts(licenses=(PackageLicenses("bash", ("GPL-3.0-or-later",)),)))
    assert inventory.os_packages[0].licenses == ("GPL-3.0-or-later",)


def test_a_layer_without_build_facts_takes_the_nearest_lower_ones_and_the_first_the_seconds() -> None:
    facts = [PartFacts(diff_id=f"sha256:{n}") for n in range(4)]
    facts[1] = PartFacts(diff_id="sha256:1", build=BuildInfo(content_sets=("a",)))
    facts[3] = PartFacts(diff_id="sha256:3", build=BuildInfo(nvr="b"))
    assert [merged(*facts).builds[f"sha256:{n}"] for n in range(4)] == [
        *[BuildInfo(content_sets=("a",))] * 3,
        BuildInfo(nvr="b"),
    ]


def test_problems_are_told_once() -> None:
    problem = Problem("a", "is broken")
    assert merged(PartFacts(problems=(problem,)), PartFacts(problems=(problem,))).problems == (problem,)


def test_a_derivative_replaces_its_parent_and_only_its_parent() -> None:
    debian, ubuntu = OperatingSystem("debian", "bookworm/sid"), OperatingSystem("ubuntu", "22.04")
    assert merge_systems([debian, ubuntu]) == ubuntu
    assert merge_systems([ubuntu, debian]) == ubuntu
    assert merge_systems([OperatingSystem("centos", "7.9.2009"), OperatingSystem("centos", "7")]) == OperatingSystem(
        "centos", "7.9.2009"
    )
    assert merge_systems([OperatingSystem(supplier="maker"), debian, ubuntu]) == OperatingSystem(
        "ubuntu", "22.04", supplier="maker"
    )
    assert merge_systems([ubuntu, OperatingSystem("", "", extended=True)]) == OperatingSystem(
        "ubuntu", "22.04", extended=True
    )
    assert merge_systems([]) is None


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=5))
def test_without_deletions_nothing_is_lost(layers: Sequence[Sequence[str]]) -> None:
    assert names(merged(*(wheels(*layer) for layer in layers))) == sorted({name for layer in layers for name in layer})
