"""`.gitleaks.toml`: every key, and what is wrong in one. What it finds: `test_secret_peers.py`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie import _core
from vigie.errors import RuleError, VigieError
from vigie.secrets import gitleaks_config
from vigie.secrets.allow import GLOBAL, SKIPPED, AllowRule
from vigie.secrets.gitleaks_ids import TABLE, our_ids
from vigie.secrets.rule_set import Need, RuleSet, builtin
from vigie.secrets.rules import load

DOCUMENTED = (Path(__file__).parents[2] / "data/secrets/gitleaks/documented.toml").read_bytes()
RULE = "[[rules]]\nid = 'a'\nregex = 'tok_[a-z]+'\n"
DEFAULT = "[extend]\nuseDefault = true\n"


def read(text: str | bytes) -> RuleSet:
    return gitleaks_config.read(text.encode() if isinstance(text, str) else text, "g.toml", builtin())


def test_every_documented_key() -> None:
    rule_set = read(DOCUMENTED)
    own = {rule.id: rule for rule in rule_set.rules if rule.origin}
    off = {"generic-api-key", "generic-secret", "generic-password", "jwt-token", "aws-access-key-id"}
    off |= {"aws-access-key-pair"}
    assert {rule.id for rule in rule_set.rules} == {rule.id for rule in load()} - off | set(own)
    assert list(own) == ["acme-deploy-key", "acme-account", "acme-old-style"]
    key = own["acme-deploy-key"]
    assert (key.title, key.severity, key.entropy) == ("A deployment key of Acme", "CRITICAL", 3.2)
    assert key.keywords == ("acme-prod-", "acme-test-")
    assert "(?P<secret>acme" in key.pattern and "(?P<secret2>" not in key.pattern
    assert "(?P<secret2>" in own["acme-old-style"].pattern
    assert rule_set.needs == (Need("acme-deploy-key", ("acme-account",), 5, 80),)
    assert rule_set.silent == ("acme-account",)
    assert [(rule.id, rule.severity, rule.pattern) for rule in rule_set.by_path] == [("acme-keystore", "LOW", "")]
    assert (rule_set.allow[: len(GLOBAL)], rule_set.skip, rule_set.warnings) == (GLOBAL, SKIPPED, ())
    docs, words, lines, fixtures, folders, two = rule_set.allow[len(GLOBAL) :]
    assert (docs.condition, docs.target, len(docs.regexes), len(docs.paths)) == ("and", "match", 2, 2)
    assert (words.stopwords, words.rules) == (("example", "placeholder"), ("acme-deploy-key",))
    assert (lines.target, lines.commits) == ("line", ("0123456789abcdef0123456789abcdef01234567",))
    assert fixtures.rules == ("github-pat",)
    assert folders.by_path_alone and (two.rules, two.by_path_alone) == (("acme-deploy-key", "github-oauth"), False)


@pytest.mark.parametrize(
    ("text", "rules", "skip"),
    [
        ("", 0, 1),
        ("title = 'x'\n", 0, 1),
        (RULE, 1, 1),
        (DEFAULT, len(load()), 23),
        (DEFAULT + RULE, len(load()) + 1, 23),
        (DEFAULT + "disabledRules = ['github-pat']\n", len(load()) - 1, 23),
        # one of gitleaks' that is two here
        (DEFAULT + "disabledRules = ['aws-access-token']\n", len(load()) - 2, 23),
        # in its place: a rule of the same name, and one that is called otherwise here
        (DEFAULT + "[[rules]]\nid = 'github-pat'\nregex = 'abc'\n", len(load()), 23),
        (DEFAULT + "[[rules]]\nid = 'jwt'\nregex = 'abc'\n", len(load()), 23),
    ],
)
def test_whose_rules_there_are(text: str, rules: int, skip: int) -> None:
    rule_set = read(text)
    assert (len(rule_set.rules), len(rule_set.skip)) == (rules, skip)
    assert bool(rule_set.warnings) is (rules == 0)


def test_ours_are_the_same_object_so_that_their_digest_is_at_hand() -> None:
    assert read(DEFAULT + "[allowlist]\npaths = ['x']\n").rules is load()


@pytest.mark.parametrize(
    ("tags", "severity"),
    [("[]", "HIGH"), ("['low']", "LOW"), ("['x', 'Severity:Medium']", "MEDIUM"), ("['low', 'critical']", "CRITICAL")],
)
def test_severities_are_tags(tags: str, severity: str) -> None:
    assert read(RULE + f"tags = {tags}\n").rules[0].severity == severity


def test_what_is_said_of_our_rules() -> None:
    rule_set = read(DEFAULT + "[[rules]]\nid = 'aws-access-token'\nentropy = 4.5\npath = 'x'\ndescription = 'other'\n")
    changed = [rule for rule in rule_set.rules if rule.title == "other"]
    assert [(rule.id, rule.entropy, rule.origin) for rule in changed] == [
        ("aws-access-key-id", 4.5, ""),
        ("aws-access-key-pair", 4.5, ""),
    ]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (DEFAULT + "disabledRules = ['no-such']\n", "g.toml:3: disabledRules: what is extended has no rule 'no-such'"),
        (RULE + "colour = 'red'\n", "g.toml:4: there is no key 'colour'"),
        ("[extend]\nurl = 'https://x.internal/c.toml'\n" + RULE, "g.toml:2: extend.url is not fetched"),
        (DEFAULT + "[[rules]]\nid = 'kucoin-secret-key'\n", "g.toml:4: no rule here looks for what"),
        (DEFAULT + "[[allowlists]]\ntargetRules = ['nobody']\npaths = ['x']\n", "g.toml:4: targetRules: there is no"),
        ("title = 'x'\n", "g.toml: has no rules, so nothing is found"),
    ],
)
def test_what_does_not_count_is_told(text: str, warning: str) -> None:
    assert [one for one in read(text).warnings if one.startswith(warning)]


def test_a_list_for_rules_that_nobody_has_lets_nothing_pass() -> None:
    rule_set = read(DEFAULT + "[[allowlists]]\ntargetRules = ['nobody', 'kucoin-secret-key']\nregexes = ['.']\n")
    assert rule_set.allow == GLOBAL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [\n", "g.toml:"),
        ("a = 1\na = 2\n", "g.toml:2: duplicate key"),
        ("[[rules]]\nregex = 'abc'\n", "g.toml:2: a rule has no id"),
        ("\n[[rules]]\nid = 'a'\n", "g.toml:3: a: a rule has a regex or a path"),
        ("[[rules]]\nid = 'a'\nregex = 'a(?!b)'\n", "g.toml:3: a: '(?!b': looking ahead is refused"),
        ("[[rules]]\nid = 'a'\nregex = '(a)\\1'\n", "g.toml:3: a: '\\1': a back reference is refused"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\nsecretGroup = 2\n", "g.toml:3: a: the expression has no group number 2"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\nsecretGroup = -1\n", "g.toml:3: a: the expression has no group number"),
        ("[[rules]]\nid = 'a'\nregex = 'abc'\nentropy = 'x'\n", "g.toml:4: rules entropy: Expected `float`"),
        ("[[rules]]\nid = 'a'\nregex = 'a*'\n", "g.toml:3: a: the expression matches the empty text"),
        ("[[rules]]\nid = 'a'\npath = '('\n", "g.toml:3: a: a group is not closed"),
        (RULE + "[rules.allowlist]\ndescription = 'x'\n", "g.toml:2: a: an allow list has commits, paths"),
        ("[allowlist]\ndescription = 'x'\n", "g.toml:1: allowlists: an allow list has commits, paths"),
        ("[allowlist]\npaths = ['x']\n[[allowlists]]\npaths = ['y']\n", "g.toml:3: [allowlist] and [[allowlists]]"),
        (RULE + "[rules.allowlist]\npaths = ['x']\n[[rules.allowlists]]\npaths = ['y']\n", "g.toml:2: a: [rules.allow"),
        ("[allowlist]\npaths = ['x']\ncondition = 'xor'\n", "g.toml:3: allowlist condition: "),
        ("[allowlist]\nregexes = ['x']\nregexTarget = 'Line'\n", "g.toml:3: allowlist regextarget: "),
        ("[allowlist]\nregexes = ['x', '(?=y)']\n", "g.toml:2: '(?=y': looking ahead"),
        ("[[allowlists]]\ntargetRules = ['b']\nregexes = ['x']\n", "g.toml:2: targetRules: there is no rule 'b'"),
        (RULE + "[[rules.required]]\nid = 'b'\n", "g.toml:5: a: required: there is no rule 'b'"),
        (DEFAULT + "path = 'x.toml'\n", "g.toml:1: extend has both path and useDefault"),
        ("[extend]\npath = 'no-such.toml'\n", "g.toml:2: the rules in no-such.toml could not be read"),
        ("rules = 5\n", "g.toml:1: rules: Expected `array`"),
    ],
)
def test_what_is_wrong_and_where(text: str, message: str) -> None:
    with pytest.raises(VigieError) as raised:
        read(text)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_files_that_extend_each_other(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        text = f"[extend]\npath = '{other}.toml'\n[[rules]]\nid = '{name}'\nregex = 'tok_{name}'\n"
        (tmp_path / f"{name}.toml").write_text(text)
    first = tmp_path / "a.toml"
    rule_set = gitleaks_config.read(first.read_bytes(), str(first), builtin())
    assert [rule.id for rule in rule_set.rules] == ["b", "a"]
    (warning,) = rule_set.warnings
    assert warning.startswith(f"{tmp_path / 'b.toml'}:2: a.toml is not read again: ")


def test_only_two_files_deep(tmp_path: Path) -> None:
    for number in range(4):
        text = f"[extend]\npath = '{number + 1}.toml'\n[[rules]]\nid = 'r{number}'\nregex = 'tok_{number}'\n"
        (tmp_path / f"{number}.toml").write_text(text)
    first = tmp_path / "0.toml"
    rule_set = gitleaks_config.read(first.read_bytes(), str(first), builtin())
    assert [rule.id for rule in rule_set.rules] == ["r2", "r1", "r0"]
    assert rule_set.warnings == (
        f"{tmp_path / '2.toml'}:2: 3.toml is not read: files extend others 2 deep, as in gitleaks",
    )


def test_the_table_of_ids_names_rules_of_ours() -> None:
    ids = {rule.id for rule in load()}
    table: dict[str, list[str]] = msgspec.json.decode(TABLE.read_bytes())
    assert {one for ours in table.values() for one in ours} <= ids
    assert list(table) == sorted(table)
    assert our_ids("jwt", ids) == ("jwt-token",)
    assert our_ids("github-pat", ids) == ("github-pat",)
    assert our_ids("kucoin-secret-key", ids) == ()
    assert our_ids("nobody", ids) is None


def test_an_allow_list_without_a_description_says_where_it_stands() -> None:
    (allow,) = read(RULE + "[allowlist]\nstopwords = ['X']\n").allow
    assert allow == AllowRule("", "an allow list of g.toml", stopwords=("x",))
    assert allow.statement == "an allow list of g.toml"


PIECES = st.sampled_from(
    ["[[rules]]\n", "id = 'a'\n", "regex = '", "abc", "(?=", "'''", "[extend]\n", "useDefault = true\n",
     "[allowlist]\n", "[[allowlists]]\n", "paths = [", "]", "'x'", "\n", "targetRules = ", "entropy = ", "1e999",
     "nan", "-1", "true", "[rules.allowlists]\n", "required = ", "{", "}", "secretGroup = ", "9" * 30, "\0", "é",
     "condition = 'and'\n", "path = "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25), st.integers(0, len(DOCUMENTED)), st.integers(0, 40))
def test_no_file_does_harm(pieces: list[str], at: int, cut: int) -> None:
    """Whatever stands in a file: a rule set, or an error that people can read."""
    for data in ("".join(pieces).encode(), DOCUMENTED[:at] + "".join(pieces).encode() + DOCUMENTED[at + cut :]):
        try:
            rule_set = read(data)
        except VigieError as error:
            assert str(error) and "\n" not in str(error)
        else:
            _core.SecretSearcher([(rule.pattern, rule.keywords) for rule in rule_set.rules if rule.origin])
            for allow in rule_set.allow:
                allow.allows("a/b", {"secret": b"x", "match": b"x", "line": b"x"})


def test_errors_say_what_to_do() -> None:
    with pytest.raises(RuleError) as raised:
        read("x = [")
    assert raised.value.hint == "name another file with --secret-config"
