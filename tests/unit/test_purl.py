"""Package URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.model.purl import parse, purl


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (purl("cargo", "", "serde", "1.0.0"), "pkg:cargo/serde@1.0.0"),
        (purl("npm", "@babel", "core", "7.0.0"), "pkg:npm/%40babel/core@7.0.0"),
        (purl("golang", "github.com/a", "b", "v1.0.0+incompatible"), "pkg:golang/github.com/a/b@v1.0.0%2Bincompatible"),
        (purl("deb", "debian", "libstdc++6", "12-1~x", {"arch": ""}), "pkg:deb/debian/libstdc%2B%2B6@12-1~x"),
        (purl("gem", "", "a/b"), "pkg:gem/a%2Fb"),
        (
            purl("rpm", "amazon", "bash", "4", {"distro": "amazon-2 (Karoo)", "arch": "x86_64"}),
            "pkg:rpm/amazon/bash@4?arch=x86_64&distro=amazon-2%20%28Karoo%29",
        ),
        (
            purl("rpm", "rocky", "perl", "5", {"modularitylabel": "perl:5.24:8060+1:ab/c"}),
            "pkg:rpm/rocky/perl@5?modularitylabel=perl:5.24:8060%2B1:ab%2Fc",
        ),
        (purl("cocoapods", "", "A", "1", None, "B/C"), "pkg:cocoapods/A@1#B/C"),
        (purl("npm", "", ""), ""),
    ],
)
def test_purl(made: str, expected: str) -> None:
    assert made == expected


@pytest.mark.parametrize("text", ["", "npm/a@1", "pkg:npm", "pkg:npm/", "pkg:/"])
def test_what_is_no_purl_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"begin|needed"):
        parse(text)


def test_a_bare_scope_is_no_version() -> None:
    found = parse("pkg:npm/@babel/core@7.0.0")
    assert (found.namespace, found.name, found.version) == ("@babel", "core", "7.0.0")
    assert parse("pkg:npm/@babel").name == "@babel"


NAMES = st.text(min_size=1, max_size=12)


@given(NAMES, st.text(max_size=12), st.dictionaries(st.sampled_from(["arch", "distro", "epoch"]), NAMES))
def test_parts_survive(name: str, version: str, qualifiers: dict[str, str]) -> None:
    found = parse(purl("deb", "debian", name, version, qualifiers))
    assert (found.type, found.namespace, found.name, found.version) == ("deb", "debian", name, version)
    assert dict(found.qualifiers) == qualifiers
