"""Facts about distributions: where their advisories stand, what is compared, and until when they are supported."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.tree import Files
from vigie.distros.databases import apk, copyright, dpkg, rpm
from vigie.distros.modularity import prefixed, same_module
from vigie.distros.oracle import flavour
from vigie.distros.ubuntu import release
from vigie.model.advisory import Advisory, Range
from vigie.model.inventory import OperatingSystem, PackageRepository
from vigie.model.package import Package, SourcePackage
from vigie.registry import collect
from vigie.scanner.analyzer import Analyzer, File
from vigie.scanner.distro import Distro, Platform
from vigie.scanner.merge import merge_systems

DISTROS = collect(Distro, ("vigie.distros",))
TODAY = date(2026, 1, 1)


def place(family: str, name: str, repository: str = "", extended: bool = False, today: date = TODAY) -> Platform | None:
    system = OperatingSystem(family, name, extended=extended)
    return DISTROS[family].platform(system, PackageRepository("alpine", repository) if repository else None, today)


@pytest.mark.parametrize(
    ("family", "name", "bucket", "osv", "binary"),
    [
        ("alpine", "3.18.4", "alpine 3.18", ("Alpine:v3.18",), ()),
        ("alpine", "3.9", "alpine 3.9", ("Alpine:v3.9",), ()),
        ("wolfi", "20230201", "wolfi", ("Wolfi",), ()),
        ("chainguard", "20230214", "chainguard", ("Chainguard",), ()),
        ("debian", "12.5", "debian 12", ("Debian:12", "x_Debian-ELTS:12"), ()),
        ("debian", "6.0.10", "debian 6", ("Debian:6.0", "x_Debian-ELTS:6"), ()),
        ("debian", "3.1", "debian 3", ("Debian:3.1", "x_Debian-ELTS:3"), ()),
        ("ubuntu", "22.04", "ubuntu 22.04", ("Ubuntu:22.04:LTS",), ("x_Ubuntu-binary:22.04",)),
        ("ubuntu", "6.06", "ubuntu 6.06", ("Ubuntu:6.06:LTS",), ("x_Ubuntu-binary:6.06",)),
        ("ubuntu", "19.04", "ubuntu 19.04", ("Ubuntu:19.04",), ("x_Ubuntu-binary:19.04",)),
        ("ubuntu", "20.10", "ubuntu 20.10", ("Ubuntu:20.10",), ("x_Ubuntu-binary:20.10",)),
        ("redhat", "7.9", "Red Hat", (), ("x_RHEL-binary:7",)),
        ("redhat", "9.3", "Red Hat", (), ("x_RHEL-binary:9",)),
        ("centos", "7.9.2009", "Red Hat", (), ("x_CentOS-binary:7",)),
        ("alma", "9.3", "alma 9", (), ("AlmaLinux:9",)),
        ("rocky", "9.3", "rocky 9", ("Rocky Linux:9",), ()),
        ("oracle", "6.10", "Oracle Linux 6", (), ("x_Oracle-binary:6",)),
        ("oracle", "8.9", "Oracle Linux 8", (), ("x_Oracle-binary:8",)),
        ("amazon", "2 (Karoo)", "amazon linux 2", (), ("x_Amazon-binary:2",)),
        ("amazon", "2023.5.20240708 (Amazon Linux)", "amazon linux 2023", (), ("x_Amazon-binary:2023",)),
        ("amazon", "AMI release 2018.03", "amazon linux 1", (), ("x_Amazon-binary:1",)),
        ("fedora", "40", "fedora 40", (), ("x_Fedora-binary:40",)),
        ("sles", "15.4", "SUSE Linux Enterprise 15.4", (), ("x_SLES-binary:15.4",)),
        ("slem", "5.3", "SUSE Linux Enterprise Micro 5.3", (), ()),
        ("opensuse-leap", "15.5", "openSUSE Leap 15.5", (), ("x_openSUSE-Leap-binary:15.5",)),
        ("opensuse-tumbleweed", "20240101", "openSUSE Tumbleweed", (), ()),
        ("photon", "4.0", "Photon OS 4.0", ("Photon OS:4.0",), ()),
        ("azurelinux", "3.0.20240727", "Azure Linux 3.0", ("Azure Linux:3",), ()),
        ("cbl-mariner", "2.0", "CBL-Mariner 2.0", ("Azure Linux:2",), ()),
        ("cbl-mariner", "1.0", "CBL-Mariner 1.0", ("x_CBL-Mariner:1.0",), ()),
        ("minimos", "20240101", "minimos", ("MinimOS",), ()),
        ("echo", "1", "echo", ("Echo",), ()),
        ("bottlerocket", "1.19.4", "bottlerocket", ("x_Bottlerocket",), ()),
    ],
)
def test_where_the_advisories_of_a_release_stand(
    family: str, name: str, bucket: str, osv: tuple[str, ...], binary: tuple[str, ...]
) -> None:
    assert place(family, name) == Platform(bucket, osv, binary)


@pytest.mark.parametrize("name", ["trixie/sid", "kali-rolling", ""])
def test_a_debian_branch_without_a_number_has_no_advisories(name: str) -> None:
    assert place("debian", name) is None


@pytest.mark.parametrize(
    ("name", "repository", "bucket", "warned"),
    [
        ("3.18.4", "3.18", "alpine 3.18", False),
        ("3.18.4", "3.18.2", "alpine 3.18", False),
        ("3.18.4", "3.19", "alpine 3.19", True),
        ("3.18.4", "edge", "alpine edge", False),
        ("3.19_alpha20230901", "edge", "alpine edge", False),
    ],
)
def test_alpines_repositories_say_where_packages_come_from(
    name: str, repository: str, bucket: str, warned: bool
) -> None:
    found = place("alpine", name, repository)
    assert found is not None
    assert (found.trivy, bool(found.warning)) == (bucket, warned)


@pytest.mark.parametrize(
    ("name", "extended", "today", "judged_as"),
    [
        ("16.04", True, "2026-01-01", "16.04-ESM"),
        ("16.04", False, "2026-01-01", "16.04"),
        # no extended support yet: the normal one counts while it lasts, and then nothing is known
        ("22.04", True, "2026-01-01", "22.04"),
        ("22.04", True, "2027-04-23", "22.04"),
        ("22.04", True, "2027-04-24", "22.04-ESM"),
        ("99.04", True, "2026-01-01", "99.04-ESM"),
        ("16.04-ESM", False, "2026-01-01", "16.04-ESM"),
    ],
)
def test_ubuntus_extended_support(name: str, extended: bool, today: str, judged_as: str) -> None:
    system = OperatingSystem("ubuntu", name, extended=extended)
    assert release(system, date.fromisoformat(today)) == judged_as


def test_fixes_of_extended_support_stand_apart() -> None:
    found = place("ubuntu", "16.04", extended=True)
    assert found == Platform(
        "ubuntu 16.04-ESM", ("Ubuntu:16.04:LTS", "Ubuntu:Pro:16.04:LTS"), ("x_Ubuntu-binary:16.04",)
    )


@pytest.mark.parametrize(
    ("family", "name", "last_day"),
    [
        ("alpine", "3.18.4", "2025-05-09"),
        ("debian", "11.9", "2026-08-14"),
        ("debian", "3.1", "2008-03-30"),
        ("ubuntu", "18.04", "2023-05-31"),
        ("redhat", "8.9", "3000-01-01"),
        ("centos", "7.9.2009", "2024-06-30"),
        ("alma", "9.3", "2032-05-31"),
        ("rocky", "8.10", "2029-05-31"),
        ("oracle", "7.9", "2024-12-31"),
        ("amazon", "2 (Karoo)", "2026-06-30"),
        ("amazon", "2022.0.20220315 (Amazon Linux)", None),
        ("debian", "trixie/sid", None),
    ],
)
def test_end_of_life(family: str, name: str, last_day: str | None) -> None:
    distro = DISTROS[family]
    key = distro.end_of_life_key(OperatingSystem(family, name), TODAY)
    assert distro.end_of_life.get(key) == (date.fromisoformat(last_day) if last_day else None)


@pytest.mark.parametrize(
    ("family", "package", "release_name", "expected"),
    [
        (
            "alpine",
            Package(name="Libfoo", version="1.0-r0", arch="x86_64"),
            "3.18.4",
            "pkg:apk/alpine/libfoo@1.0-r0?arch=x86_64&distro=3.18.4",
        ),
        (
            "debian",
            Package(name="passwd", version="4.13+dfsg1", release="1", epoch=1, arch="amd64"),
            "12.5",
            "pkg:deb/debian/passwd@4.13%2Bdfsg1-1?arch=amd64&distro=debian-12.5&epoch=1",
        ),
        (
            "redhat",
            Package(name="npm", version="10.2.4", release="1.el9", arch="x86_64", modularity="nodejs:18:9030:rhel9"),
            "9.3",
            "pkg:rpm/redhat/npm@10.2.4-1.el9?arch=x86_64&distro=redhat-9.3&modularitylabel=nodejs:18:9030:rhel9",
        ),
        (
            "amazon",
            Package(name="bash", version="4.2.46", release="34.amzn2"),
            "2 (Karoo)",
            "pkg:rpm/amazon/bash@4.2.46-34.amzn2?distro=amazon-2%20%28Karoo%29",
        ),
        ("sles", Package(name="zypper", version="1"), "15.4", "pkg:rpm/suse/zypper@1?distro=sles-15.4"),
        (
            "opensuse-leap",
            Package(name="zypper", version="1"),
            "15.5",
            "pkg:rpm/opensuse/zypper@1?distro=opensuse-leap-15.5",
        ),
        (
            "bottlerocket",
            Package(name="glibc", version="2.40", release="1", arch="x86_64"),
            "1.19.4",
            "pkg:bottlerocket/glibc@2.40-1?arch=x86_64&distro=bottlerocket-1.19.4",
        ),
    ],
)
def test_purls(family: str, package: Package, release_name: str, expected: str) -> None:
    assert DISTROS[family].purl(package, release_name) == expected


SPLIT = Package(name="libx", version="2", release="1+b1", source=SourcePackage("x", "2", "1"))
ALONE = Package(name="libx", version="2-r1")


@pytest.mark.parametrize(
    ("family", "package", "looked_up", "compared"),
    [
        ("debian", SPLIT, "x", "2-1"),
        ("ubuntu", SPLIT, "x", "2-1"),
        ("debian", ALONE, "", ""),
        ("alpine", Package(name="ssl", version="3-r1", source=SourcePackage("openssl", "3-r1")), "openssl", "3-r1"),
        ("alpine", ALONE, "libx", "2-r1"),
        ("wolfi", ALONE, "libx", "2-r1"),
        ("redhat", SPLIT, "libx", "2-1+b1"),
        ("oracle", SPLIT, "libx", "2-1+b1"),
        ("sles", SPLIT, "libx", "2-1+b1"),
        ("photon", SPLIT, "x", "2-1+b1"),
        ("photon", ALONE, "", "2-r1"),
        ("azurelinux", SPLIT, "x", "2-1"),
        ("echo", SPLIT, "x", "2-1"),
    ],
)
def test_what_is_looked_up_and_compared(family: str, package: Package, looked_up: str, compared: str) -> None:
    distro = DISTROS[family]
    assert (distro.lookup(package), distro.compared(package)) == (looked_up, compared)


def test_keys_and_foreign_packages_are_not_judged() -> None:
    key = Package(name="gpg-pubkey", version="1", release="1", third_party=False)
    foreign = Package(name="docker-ce", version="1", release="1", third_party=True)
    own = Package(name="bash", version="1", release="1", third_party=False)
    unsaid = Package(name="musl", version="1")
    for distro in DISTROS.values():
        assert distro.judges(foreign) == (distro.name == "echo"), distro.name
        assert distro.judges(own), distro.name
        assert distro.judges(unsaid), distro.name
        assert distro.judges(key) == (distro.package_type != "rpm"), distro.name


def test_alma_skips_modular_packages_that_do_not_name_their_stream() -> None:
    package = Package(name="npm", version="10", release="1.module_el9.3", third_party=False)
    assert not DISTROS["alma"].judges(package)
    assert DISTROS["alma"].judges(
        Package(name="npm", version="10", release="1.module_el9.3", modularity="nodejs:18:1:2")
    )


@pytest.mark.parametrize(
    ("label", "name"),
    [("nodejs:18:9030:rhel9", "nodejs:18::npm"), ("nodejs:18", "npm"), ("", "npm"), ("a:b:c", "a:b::npm")],
)
def test_names_of_modular_packages(label: str, name: str) -> None:
    assert prefixed(Package(name="npm", version="1", modularity=label)) == name


NODE = Package(name="nodejs", version="16.20.0", release="1.module_el9", modularity="nodejs:16:9:c")
NPM = Package(name="npm", version="8.19.4", release="1.16.module_el9", modularity="nodejs:16:9:c")
PLAIN = Package(name="nodejs", version="16.20.0", release="1.el9")


@pytest.mark.parametrize(
    ("package", "fixed", "may"),
    [
        (NODE, "1:16.20.2-1.module_el9.2.0+36", True),
        (NODE, "1:18.19.0-1.module_el9.3.0+49", False),
        (NODE, "16.20.2-1.el9", False),
        (NPM, "1:10.2.3-1.18.module_el9.3.0+49", True),
        (PLAIN, "16.20.2-1.el9", True),
        (PLAIN, "18.19.0-1.module+el9.3.0+49", False),
        (PLAIN, "", True),
    ],
)
def test_streams_of_a_module_are_kept_apart(package: Package, fixed: str, may: bool) -> None:
    assert same_module(Advisory(id="CVE-1", fixed=fixed), package) is may
    assert same_module(Advisory(id="CVE-1", ranges=(Range(fixed=fixed),)), package) is may


@pytest.mark.parametrize(
    ("family", "arches", "arch", "may"),
    [
        ("rocky", ("x86_64",), "x86_64", True),
        ("rocky", ("x86_64",), "aarch64", False),
        ("rocky", ("x86_64",), "noarch", False),
        ("rocky", (), "aarch64", True),
        ("oracle", ("x86_64",), "noarch", False),
        ("oracle", ("x86_64", "noarch"), "noarch", True),
        ("redhat", ("x86_64",), "noarch", True),
        ("redhat", ("x86_64",), "aarch64", False),
    ],
)
def test_advisories_for_some_architectures(family: str, arches: tuple[str, ...], arch: str, may: bool) -> None:
    package = Package(name="bash", version="5", release="1.el8", arch=arch)
    assert DISTROS[family].applies(Advisory(id="CVE-1", fixed="5-2.el8", arches=arches), package) is may


@pytest.mark.parametrize(
    ("installed", "fixed", "may"),
    [
        ("9.el8_6", "12.el8_9", True),
        ("9.el8_6_fips", "12.el8_9", False),
        ("9.el8_6", "12.el8_9_FIPS", False),
        ("9.el8_6_fips", "12.el8_9_fips", True),
        ("9.ksplice1.el8", "12.el8", False),
        ("9.ksplice1.el8", "12.ksplice1.el8", True),
    ],
)
def test_oracles_flavours(installed: str, fixed: str, may: bool) -> None:
    package = Package(name="openssl", version="1.1.1k", release=installed, arch="x86_64")
    assert DISTROS["oracle"].applies(Advisory(id="CVE-1", fixed=f"1:1.1.1k-{fixed}"), package) is may


def test_flavours() -> None:
    assert [flavour(text) for text in ("1.el8", "1.el8_FIPS", "2.34-1.ksplice1.el9")] == ["normal", "fips", "ksplice"]


@pytest.mark.parametrize(
    ("vendor", "release_text", "foreign"),
    [
        ("Red Hat, Inc.", "1.el9", False),
        ("Fedora Project", "1.el9", False),
        ("red hat", "1.el9", True),
        ("Docker", "1.el9", True),
        ("", "1.amzn1", False),
        ("", "1.el9", True),
    ],
)
def test_whose_rpm_it_is(vendor: str, release_text: str, foreign: bool) -> None:
    assert rpm.third_party(vendor, release_text) is foreign


@pytest.mark.parametrize(
    ("maintainer", "foreign"),
    [
        ("Debian GCC Maintainers <debian-gcc@lists.debian.org>", False),
        ("", False),
        ("GitHub", True),
        ("GitHub Packagers <x@debian.org>", False),
        ("Docker <support@docker.com>", True),
    ],
)
def test_whose_deb_it_is(maintainer: str, foreign: bool) -> None:
    assert dpkg.third_party(maintainer) is foreign


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bash-5.1.8-6.el9_1.src.rpm", SourcePackage("bash", "5.1.8", "6.el9_1", 2)),
        ("java-17-openjdk-17.0.9.0.9-2.el9.src.rpm", SourcePackage("java-17-openjdk", "17.0.9.0.9", "2.el9", 2)),
        ("acl.src.rpm", None),
        ("", None),
    ],
)
def test_source_rpms(name: str, expected: SourcePackage | None) -> None:
    assert rpm.source(name, 2) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("GPL-2.0-only AND MIT", ("GPL-2.0-only", "MIT")),
        ("Apache License, version 2.0", ("Apache-2.0",)),
        ("GPL v2", ("GPL-2.0-only",)),
        ("MIT bzip2-1.0.6 CC0-1.0 W3C", ("MIT", "bzip2-1.0.6", "CC0-1.0", "W3C")),
        ("(GPL-2.0-or-later WITH Classpath-exception-2.0)", ("GPL-2.0-or-later WITH Classpath-exception-2.0",)),
        ("WITH", ()),
    ],
)
def test_licences_of_apk(text: str, names: tuple[str, ...]) -> None:
    assert apk.licenses(text) == names


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        ("1:4.13+dfsg1-1+b1", (1, "4.13+dfsg1", "1+b1")),
        ("2.36-9", (0, "2.36", "9")),
        ("1.0-rc1-2", (0, "1.0-rc1", "2")),
        ("3.134", (0, "3.134", "")),
        ("1.0-", (0, "1.0", "")),
    ],
)
def test_parts_of_debian_versions(version: str, parts: tuple[int, str, str]) -> None:
    assert dpkg.split_version(version) == parts


@given(st.binary(max_size=300))
def test_any_bytes_are_read_to_their_end(content: bytes) -> None:
    list(apk.apk.run(File("lib/apk/db/installed", content, Files())))
    list(dpkg.dpkg.run(File("var/lib/dpkg/status", content, Files())))
    list(copyright.dpkg_license.run(File("usr/share/doc/x/copyright", content, Files())))


@given(
    st.lists(
        st.sampled_from(["Package: a", "Version: 1", "Source: s (2)", "P:a", "V:1", "D:a>1", "License: MIT", "", " x"])
    )
)
def test_fields_in_any_order_are_read(lines: list[str]) -> None:
    content = "\n".join(lines).encode()
    for analyzer, path in ((apk.apk, "lib/apk/db/installed"), (dpkg.dpkg, "var/lib/dpkg/status")):
        found = [fact for fact in analyzer.run(File(path, content, Files())) if isinstance(fact, Package)]
        assert len({package.id for package in found}) == len(found)


ANALYZERS = collect(Analyzer, ("vigie.distros",))


@pytest.mark.parametrize(
    ("files", "system"),
    [
        (
            {
                "etc/debian_version": "bookworm/sid",
                "etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n",
                "usr/lib/os-release": 'ID=ubuntu\nVERSION_ID="22.04"\n',
                "var/lib/ubuntu-advantage/status.json": '{"services": [{"name": "esm-infra", "status": "enabled"}]}',
            },
            OperatingSystem("ubuntu", "22.04", extended=True),
        ),
        (
            {"etc/debian_version": "12.5\n", "usr/lib/os-release": 'ID=debian\nVERSION_ID="12"\n'},
            OperatingSystem("debian", "12.5"),
        ),
        ({"usr/lib/os-release": 'ID=debian\nVERSION_ID="12"\n'}, OperatingSystem("debian", "12")),
        (
            {"etc/alpine-release": "3.18.4\n", "etc/os-release": "ID=alpine\nVERSION_ID=3.18.4\n"},
            OperatingSystem("alpine", "3.18.4"),
        ),
        (
            {
                "etc/oracle-release": "Oracle Linux Server release 8.9\n",
                "etc/redhat-release": "Red Hat Enterprise Linux release 8.9 (Ootpa)\n",
                "usr/lib/os-release": 'ID="ol"\nVERSION_ID="8.9"\n',
            },
            OperatingSystem("oracle", "8.9"),
        ),
        (
            {
                "etc/centos-release": "CentOS Linux release 7.9.2009 (Core)\n",
                "etc/os-release": 'ID="centos"\nNAME="CentOS Linux"\nVERSION_ID="7"\n',
            },
            OperatingSystem("centos", "7.9.2009"),
        ),
        (
            {
                "etc/centos-release": "CentOS Stream release 9\n",
                "etc/redhat-release": "CentOS Stream release 9\n",
                "usr/lib/os-release": 'ID="centos"\nNAME="CentOS Stream"\nVERSION_ID="9"\n',
            },
            OperatingSystem("centos-stream", "9"),
        ),
        (
            {
                "etc/system-release": "Amazon Linux release 2023.5.20240708 (Amazon Linux)\n",
                "usr/lib/os-release": 'ID="amzn"\nVERSION_ID="2023"\n',
            },
            OperatingSystem("amazon", "2023.5.20240708 (Amazon Linux)"),
        ),
        ({"usr/lib/os-release": "ID=arch\n"}, None),
    ],
)
def test_files_of_one_system_are_merged(files: dict[str, str], system: OperatingSystem | None) -> None:
    found = [
        (analyzer.order, path, fact)
        for path, text in files.items()
        for analyzer in ANALYZERS.values()
        if path in analyzer.globs
        for fact in analyzer.run(File(path, text.encode(), Files()))
        if isinstance(fact, OperatingSystem)
    ]
    found.sort(key=lambda entry: entry[:2])
    assert merge_systems(fact for _, _, fact in found) == system
