"""Image references (grammar: github.com/distribution/reference, completed as Docker does)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.errors import TargetError
from vigie.oci.references import parse_reference

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("alpine", "index.docker.io/library/alpine:latest", "alpine"),
        ("alpine:3.19", "index.docker.io/library/alpine:3.19", "alpine"),
        ("docker.io/alpine", "index.docker.io/library/alpine:latest", "alpine"),
        ("grafana/loki:2", "index.docker.io/grafana/loki:2", "grafana/loki"),
        ("index.docker.io/library/alpine", "index.docker.io/library/alpine:latest", "alpine"),
        ("ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1", "ghcr.io/a/b/c"),
        ("localhost/x", "localhost/x:latest", "localhost/x"),
        ("localhost:5000/x:1", "localhost:5000/x:1", "localhost:5000/x"),
        ("[::1]:5000/x/y:1", "[::1]:5000/x/y:1", "[::1]:5000/x/y"),
        ("[fe80::1]/x", "[fe80::1]/x:latest", "[fe80::1]/x"),
        (f"alpine@sha256:{HEX}", f"index.docker.io/library/alpine@sha256:{HEX}", "alpine"),
        (f"alpine:3@sha256:{HEX}", f"index.docker.io/library/alpine@sha256:{HEX}", "alpine"),
        (f"q.io/a@sha512:{HEX}{HEX}", f"q.io/a@sha512:{HEX}{HEX}", "q.io/a"),
        ("my__repo/a-b--c.d:T_1.x-", "index.docker.io/my__repo/a-b--c.d:T_1.x-", "my__repo/a-b--c.d"),
    ],
)
def test_references_are_completed(text: str, full: str, familiar: str) -> None:
    reference = parse_reference(text)
    assert str(reference) == full
    assert reference.familiar_name == familiar
    assert parse_reference(str(reference)).name == reference.name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("Alpine", "lower-case"),
        ("a/B", "lower-case"),
        ("alpine:", "not a tag"),
        ("alpine:-x", "not a tag"),
        ("alpine@sha256:12", "not a digest"),
        ("alpine@md5:" + HEX, "not a digest"),
        ("host:99999/x", "not a host"),
        ("host:0/x", "not a host"),
        ("a//b", "not a repository"),
        ("../x", "not a host"),
        ("a/../b", "not a repository"),
        ("x.io/a b", "not a repository"),
        ("user@host.io/x", "not a digest"),
        ("x.io/", "not a repository"),
        ("a" * 2000, "too long"),
        ("reg.io/x?y", "not a repository"),
        ("reg.io\n/x", "not a host"),
    ],
)
def test_what_is_no_reference_is_refused(text: str, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        parse_reference(text)


@given(st.text(alphabet="ab.:/@[]-_A1\n ", max_size=40))
def test_any_text_is_a_reference_or_a_target_error(text: str) -> None:
    try:
        reference = parse_reference(text)
    except TargetError:
        return
    assert parse_reference(str(reference)) == parse_reference(str(parse_reference(str(reference))))
    assert not any(sign.isspace() for sign in str(reference))
    assert ".." not in reference.repository.split("/")
