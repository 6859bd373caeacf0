"""`trivy-secret.yaml`: every key, and what is wrong in one. What it finds: `test_secret_peers.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie import _core
from vigie.errors import RuleError, VigieError
from vigie.secrets import trivy_config
from vigie.secrets.allow import SKIPPED
from vigie.secrets.rule_set import RuleSet, builtin

DOCUMENTED = (Path(__file__).parents[2] / "data/secrets/trivy/documented.yaml").read_bytes()


def read(text: str | bytes) -> RuleSet:
    return trivy_config.read(text.encode() if isinstance(text, str) else text, "s.yaml", builtin())


def test_every_documented_key() -> None:
    rule_set = read(DOCUMENTED)
    assert [rule.id for rule in rule_set.rules] == ["aws-access-key-id", "github-pat", "acme-token", "unrated"]
    token = rule_set.rules[2]
    assert (token.category, token.title, token.severity) == ("acme", "Acme: token of the build service", "CRITICAL")
    assert token.keywords == ("acme_", "ACME-")
    assert "(?P<secret>acme_" in token.pattern and token.pattern.count("?P<") == 1
    assert token.path.endswith(r"\.(?:sh|ya?ml)$")
    assert rule_set.rules[3].severity == "UNKNOWN"
    allow = {rule.id: rule for rule in rule_set.allow}
    assert not {"markdown", "tests"} & set(allow) and {"examples", "vendor"} <= set(allow)
    assert allow["skip-text"].by_path_alone and not allow["known"].by_path_alone
    assert (allow["acme-docs"].rules, allow["acme-docs"].target) == (("acme-token",), "match")
    assert [block.rules for block in rule_set.blocks] == [(), (), ("acme-token",)]
    assert rule_set.skip == ("**/.git/**", "**/node_modules/**", "**/*.min.{js,css}", "go.sum")
    assert rule_set.warnings == ("s.yaml:60: unrated: it has no severity; it counts as UNKNOWN",)


@pytest.mark.parametrize(
    ("text", "severity"),
    [("high", "HIGH"), ("Critical", "CRITICAL"), ("mEdIuM", "MEDIUM"), ("LOW", "LOW"), ("unknown", "UNKNOWN")],
)
def test_severities_in_any_case(text: str, severity: str) -> None:
    rule_set = read(f"rules: [{{id: a, regex: abc, severity: {text}}}]")
    assert (rule_set.rules[-1].severity, rule_set.warnings) == (severity, ())


@pytest.mark.parametrize("text", ["", "{}", "# nothing\n", "rules:\nskip-patterns:\n", "---\n"])
def test_nothing_changes_nothing(text: str) -> None:
    rule_set = read(text)
    assert (rule_set.rules, rule_set.skip, rule_set.warnings) == (builtin().rules, SKIPPED, ())


def test_what_is_no_error_there_is_told_here() -> None:
    rule_set = read(
        "colour: red\ndisable-rules:\n  - github-pat\n  - no-such\nenable-builtin-rules: [nor-this]\n"
        "disable-allow-rules: [tests, neither]\nrules:\n  - id: a\n    severity: hihg\n    regex: abc\n    size: 1\n"
    )
    assert rule_set.warnings == (
        "s.yaml:1: there is no key 'colour'",
        "s.yaml:11: there is no key 'size'",
        "s.yaml:5: enable-builtin-rules: there is no 'nor-this' here",
        "s.yaml:4: disable-rules: there is no 'no-such' here",
        "s.yaml:6: disable-allow-rules: there is no 'neither' here",
        "s.yaml:9: a: 'hihg' is no severity; it counts as UNKNOWN",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules:\n  - id: a\n    regex: a(?=b)\n", "s.yaml:3: a: '(?=b': looking ahead is refused"),
        ("rules:\n  - id: a\n    regex: (a)\\1\n", "s.yaml:3: a: '\\1': a back reference is refused"),
        ("rules:\n  - id: a\n    regex: .*\n", "s.yaml:3: a: the expression matches the empty text"),
        ("rules:\n  - id: a\n    regex: abc\n    path: '['\n", "s.yaml:4: a: a class is not closed"),
        ("rules:\n  - id: a\n    regex: (a)b\n    secret-group-name: x\n", "s.yaml:3: a: the expression has no group"),
        ("rules:\n  - regex: abc\n", "s.yaml:2: a rule has no id"),
        ("rules:\n  - id: a\n", "s.yaml:2: a: a rule has a regex"),
        ("rules:\n  - id: a\n    regex: abc\n    keywords: x\n", "s.yaml:4: rules keywords: Expected `array`"),
        ("rules: 5\n", "s.yaml:1: rules: Expected `array`"),
        ("\n- a\n", "s.yaml:2: Expected `object`"),
        ("rules:\n  - id: a\n    id: b\n    regex: abc\n", "s.yaml:3: the key 'id' stands twice"),
        ("a: b: c\n", "s.yaml:1:5: "),
        ("allow-rules:\n  - id: x\n    regex: (\n", "s.yaml:3: x: a group is not closed"),
        ("exclude-block:\n  regexes:\n    - abc\n    - (?!x)\n", "s.yaml:4: exclude-block: '(?!x': looking ahead"),
        ("rules:\n  - id: a\n    regex: (?:a{1000}){1000}\n", "s.yaml:3: a: the expression has "),
        ("skip-patterns: ['[']\n", "s.yaml:1: "),
    ],
)
def test_what_is_wrong_and_where(text: str, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        read(text)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


PIECES = st.sampled_from(
    ["rules:", "- id: a", "  regex: ", "abc", "(?=", "[", "{", "}", "\n", "\n  ", "'", '"', "&a ", "*a", "!!x",
     "allow-rules:", "skip-patterns: ", "exclude-block: ", "regexes: ", "- ", "null", "1", "\t", "|\n", "\0", "é", ": "]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=25), st.integers(0, len(DOCUMENTED)), st.integers(0, 40))
def test_no_file_does_harm(pieces: list[str], at: int, cut: int) -> None:
    """Whatever stands in a file: a rule set that can be searched for, or an error that people can read."""
    for data in ("".join(pieces).encode(), DOCUMENTED[:at] + "".join(pieces).encode() + DOCUMENTED[at + cut :]):
        try:
            rule_set = read(data)
        except VigieError as error:
            assert str(error) and "\n" not in str(error)
        else:
            own = [(rule.pattern, rule.keywords) for rule in rule_set.rules if rule.origin]
            _core.SecretSearcher([*own, *((block.pattern, ()) for block in rule_set.blocks)])
            for allow in rule_set.allow:
                allow.allows("a/b", {"secret": b"x", "match": b"x", "line": b"x"})
