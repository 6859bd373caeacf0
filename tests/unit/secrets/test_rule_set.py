"""Which rules a scan has: where a configuration is looked for, and what the built-in set is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from vigie import _core
from vigie.errors import RuleError, UsageError, VigieError
from vigie.secrets import rules
from vigie.secrets.allow import GLOBAL, SKIPPED, AllowRule
from vigie.secrets.rule_set import RuleSet, builtin, load_rule_set
from vigie.settings.groups import SecretOptions

GITLEAKS = '[[rules]]\nid = "{}"\nregex = "tok_[a-z]+"\n'
TRIVY = "rules:\n  - id: {}\n    severity: LOW\n    regex: tok_[a-z]+\n"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The working folder, and the root of what is scanned."""
    here, root = tmp_path / "here", tmp_path / "root"
    here.mkdir()
    root.mkdir()
    monkeypatch.chdir(here)
    return here, root


def own(rule_set: RuleSet) -> list[str]:
    """The rules that are the user's."""
    return [rule.id for rule in rule_set.rules if rule.origin]


def test_ours_when_there_is_nothing_else(folders: tuple[Path, Path]) -> None:
    rule_set = load_rule_set(SecretOptions(), str(folders[1]), {})
    assert (rule_set.rules, rule_set.allow, rule_set.skip) == (rules.load(), GLOBAL, SKIPPED)
    assert (rule_set.source, rule_set.warnings) == ("", ())


def test_the_ids_of_the_reference() -> None:
    # trivy.md §6.1
    assert {rule.id for rule in GLOBAL} == {
        *("dist-info", "tests", "examples", "vendor", "usr-dirs", "locale-dir", "markdown", "node.js", "golang"),
        *("python", "rubygems", "wordpress", "anaconda-log"),
    }
    names = ["go.mod", "go.sum", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Pipfile.lock", "Gemfile.lock"]
    types = ["jpg", "png", "gif", "doc", "pdf", "bin", "svg", "socket", "deb", "rpm", "zip", "gz", "gzip", "tar"]
    wanted = {"**/.git/**", "**/node_modules/**", *(f"**/{name}" for name in names), *(f"**/*.{one}" for one in types)}
    assert set(SKIPPED) == wanted and len(SKIPPED) == 23


@pytest.mark.parametrize("root", ["", "/"])
@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("usr/share/doc/a", "usr-dirs"),
        ("usr/local/go/src/a.go", "golang"),
        ("usr/local/lib/python3.12/secrets.py", "python"),
        ("opt/yarn-v1.22.22/lib/cli.js", "node.js"),
        ("usr/src/wordpress/wp-login.php", "wordpress"),
        ("var/log/anaconda/x", "anaconda-log"),
        ("srv/app/README.md", "markdown"),
        ("srv/a_test.go", "tests"),
        ("etc/app.conf", ""),
        ("srv/usr/share/a", ""),
    ],
)
def test_both_forms_of_paths(root: str, path: str, rule: str) -> None:
    found = builtin().passes_over(root + path)
    assert (found.id if found else "") == rule
    assert found is None or found.statement.startswith(f"{rule}: ")


@pytest.mark.parametrize(
    ("given", "environment", "here", "root", "wanted", "source"),
    [
        # a file that was named, above all
        ("given.yaml", {"GITLEAKS_CONFIG": "env.toml"}, True, True, ["given"], "given.yaml"),
        ("given.toml", {}, True, True, ["given"], "given.toml"),
        # then the environment, as gitleaks documents it
        ("", {"GITLEAKS_CONFIG": "env.toml", "GITLEAKS_CONFIG_TOML": GITLEAKS.format("text")}, True, True, ["env"],
         "env.toml"),
        ("", {"GITLEAKS_CONFIG_TOML": GITLEAKS.format("text")}, True, True, ["text"], "GITLEAKS_CONFIG_TOML"),
        # then the working folder, then the root of what is scanned
        ("", {}, True, True, ["here"], "trivy-secret.yaml"),
        ("", {}, False, True, ["root"], "root/.gitleaks.toml"),
        ("", {}, False, False, [], ""),
    ],
)  # fmt: skip
def test_which_file_counts(
    folders: tuple[Path, Path],
    given: str,
    environment: Mapping[str, str],
    here: bool,
    root: bool,
    wanted: list[str],
    source: str,
) -> None:
    (folders[0] / "given.yaml").write_text(TRIVY.format("given"))
    (folders[0] / "given.toml").write_text(GITLEAKS.format("given"))
    (folders[0] / "env.toml").write_text(GITLEAKS.format("env"))
    if here:
        (folders[0] / "trivy-secret.yaml").write_text(TRIVY.format("here"))
    if root:
        (folders[1] / ".gitleaks.toml").write_text(GITLEAKS.format("root"))
    options = SecretOptions(config=given) if given else SecretOptions()
    rule_set = load_rule_set(options, str(folders[1]), environment)
    assert own(rule_set) == wanted
    assert rule_set.source.endswith(source)
    if here and root and not given and not environment:
        assert rule_set.warnings[0].endswith(
            "is not read, since trivy-secret.yaml is there; name it with --secret-config"
        )


@pytest.mark.parametrize("name", ["none.yaml", "none.toml", "a\0b.yaml"])
def test_a_named_file_that_is_not_there(folders: tuple[Path, Path], name: str) -> None:
    with pytest.raises(UsageError, match="could not be read"):
        load_rule_set(SecretOptions(config=name), "", {})


def test_a_file_that_is_too_large(folders: tuple[Path, Path]) -> None:
    (folders[0] / "big.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(RuleError, match="larger than 1 MB"):
        load_rule_set(SecretOptions(config="big.yaml"), "", {})


def test_a_configuration_in_the_target_that_leads_out_of_it(folders: tuple[Path, Path]) -> None:
    here, root = folders
    (here / "secret.toml").write_text(GITLEAKS.format("outside"))
    config = root / ".gitleaks.toml"
    for path in ("../here/secret.toml", str(here / "secret.toml"), "link.toml", "/dev/zero"):
        (root / "link.toml").unlink(missing_ok=True)
        (root / "link.toml").symlink_to(here / "secret.toml")
        config.write_text(f"[extend]\npath = '{path}'\n" + GITLEAKS.format("inside"))
        with pytest.raises(UsageError, match="lies outside of"):
            load_rule_set(SecretOptions(), str(root), {})
    (root / "base.toml").write_text(GITLEAKS.format("base"))
    config.write_text("[extend]\npath = 'base.toml'\n" + GITLEAKS.format("inside"))
    rule_set = load_rule_set(SecretOptions(), str(root), {})
    assert own(rule_set) == ["base", "inside"]
    assert "says what is a secret; it does without the built-in rules" in rule_set.warnings[0]


def test_a_configuration_in_the_target_that_is_a_link_out_of_it(folders: tuple[Path, Path]) -> None:
    (folders[0] / "other.toml").write_text(GITLEAKS.format("outside"))
    (folders[1] / ".gitleaks.toml").symlink_to(folders[0] / "other.toml")
    assert own(load_rule_set(SecretOptions(), str(folders[1]), {})) == []


def test_a_file_of_rules_is_not_searched_itself(folders: tuple[Path, Path]) -> None:
    config = folders[1] / "deep" / "my [own] {rules}.yaml"
    config.parent.mkdir()
    config.write_text(TRIVY.format("mine"))
    skip = load_rule_set(SecretOptions(config=str(config)), str(folders[1]), {}).skip
    assert _core.Selection([(skip[-1:], (), "bytes")]).matches("deep/my [own] {rules}.yaml", 0o644) == [0]
    assert _core.Selection([(skip[-1:], (), "bytes")]).matches("deep/my o rules.yaml", 0o644) == []


def test_the_digest_tells_rule_sets_apart(folders: tuple[Path, Path]) -> None:
    ours = load_rule_set(SecretOptions(), "", {}).digest
    assert ours == load_rule_set(SecretOptions(), "", {}).digest
    assert len(ours) == 64
    digests = {ours}
    for text in (TRIVY.format("a"), TRIVY.format("b"), "skip-patterns: []\n", "disable-allow-rules: [tests]\n",
                 "allow-rules: [{id: x, path: a}]\n", "exclude-block: {regexes: [abc]}\n"):  # fmt: skip
        (folders[0] / "c.yaml").write_text(text)
        digests.add(load_rule_set(SecretOptions(config="c.yaml"), "", {}).digest)
    assert len(digests) == 7


def test_the_built_in_set_costs_little() -> None:
    rules.load()
    times = []
    for _ in range(20):
        start = time.process_time()
        load_rule_set(SecretOptions(config=""), "", {})
        times.append(time.process_time() - start)
    assert min(times) < 0.005


@pytest.mark.parametrize("extension", ["yaml", "toml"])
def test_errors_are_of_people(folders: tuple[Path, Path], extension: str) -> None:
    (folders[0] / f"c.{extension}").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(VigieError):
        load_rule_set(SecretOptions(config=f"c.{extension}"), "", {})


TEXTS = {"secret": b"abc123", "match": b"id: abc123;", "line": b"x id: abc123; # why"}


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (AllowRule("a", "", regexes=("^abc",)), True),
        (AllowRule("a", "", regexes=("nope", "123$")), True),
        (AllowRule("a", "", regexes=("^id",)), False),
        (AllowRule("a", "", regexes=("^id",), target="match"), True),
        (AllowRule("a", "", regexes=("why$",), target="match"), False),
        (AllowRule("a", "", regexes=("why$",), target="line"), True),
        (AllowRule("a", "", paths=("nope", "^src/")), True),
        (AllowRule("a", "", paths=("^app/",)), False),
        (AllowRule("a", "", stopwords=("bc1",)), True),
        (AllowRule("a", "", stopwords=("why",)), False),
        (AllowRule("a", "", commits=("c0ffee",)), True),
        (AllowRule("a", "", commits=("c0ffe",)), False),
        (AllowRule("a", "", paths=("^app/",), stopwords=("abc",)), True),
        (AllowRule("a", "", paths=("^app/",), stopwords=("abc",), condition="and"), False),
        (AllowRule("a", "", paths=("^src/",), stopwords=("abc",), condition="and"), True),
        (AllowRule("a", ""), False),
        (AllowRule("a", "", condition="and"), False),
        (AllowRule("a", "", regexes=("",)), True),
    ],
)
def test_conditions_of_allow_rules(rule: AllowRule, allowed: bool) -> None:
    assert rule.allows("src/app/x.py", TEXTS, "C0FFEE") is allowed


@pytest.mark.parametrize(
    ("rule", "alone"),
    [
        (AllowRule("a", "", paths=("x",)), True),
        (AllowRule("a", "", paths=("x",), stopwords=("y",)), True),
        (AllowRule("a", "", paths=("x",), stopwords=("y",), condition="and"), False),
        (AllowRule("a", "", paths=("x",), condition="and"), True),
        (AllowRule("a", "", paths=("x",), rules=("r",)), False),
        (AllowRule("a", "", stopwords=("y",)), False),
    ],
)
def test_files_that_are_not_read_at_all(rule: AllowRule, alone: bool) -> None:
    assert rule.by_path_alone is alone
    assert RuleSet((), (rule,), ()).passed_over == (("x",) if alone else ())


def test_allow_rules_of_some_rules() -> None:
    rule_set = RuleSet((), (AllowRule("a", "", stopwords=("abc",), rules=("one", "two")),), ())
    assert rule_set.allowed("two", "x", TEXTS) is rule_set.allow[0]
    assert rule_set.allowed("three", "x", TEXTS) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keys.toml", "".join(f"k{number} = 1\n" for number in range(90_000))),
        ("ids.toml", "[extend]\nuseDefault = true\ndisabledRules = [" + "'a'," * 250_000 + "]\n"),
        ("rules.toml", "".join(f"[[rules]]\nid='{number}'\nregex='a{number}(b)'\n" for number in range(4_000))),
        ("keys.yaml", "".join(f"k{number}: 1\n" for number in range(90_000))),
        ("ids.yaml", "disable-rules: [" + "a," * 150_000 + "]\n"),
        ("rules.yaml", "rules:\n" + "".join(f"- {{id: r{n}, severity: x, regex: a{n}}}\n" for n in range(4_000))),
    ],
)
def test_a_megabyte_of_it_is_read_in_seconds(folders: tuple[Path, Path], name: str, text: str) -> None:
    (folders[0] / name).write_text(text)
    start = time.process_time()
    warnings = load_rule_set(SecretOptions(config=name), "", {}).warnings
    assert time.process_time() - start < 20
    assert len(warnings) <= 21
