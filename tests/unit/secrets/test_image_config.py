"""Secrets in the configuration of an image and in what is known of a commit; masking in the rest of the report."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.model.artifact import ArtifactFacts, ImageFacts, LayerReference, RepositoryFacts
from vigie.model.misconfiguration import CodeLine, Misconfiguration
from vigie.model.package import Package
from vigie.model.report import Result
from vigie.model.secret import SecretCandidate
from vigie.secrets.allow import GLOBAL, SKIPPED
from vigie.secrets.analyzer import SecretReading
from vigie.secrets.examples import fill
from vigie.secrets.image_config import Found, search
from vigie.secrets.masking import Masking, in_context, pieces, without_secrets
from vigie.secrets.rule_set import RuleSet
from vigie.secrets.rules import SecretRule
from vigie.secrets.rules import load as load_rules
from vigie.settings.groups import SecretOptions

TOKEN, OTHER, THIRD = (fill("${github:ghp_}", seed) for seed in ("one", "two", "three"))
OURS = RuleSet(load_rules(), GLOBAL, SKIPPED, digest="d")
PASSWORD = SecretRule(
    id="password",
    title="t",
    category="c",
    severity="LOW",
    keywords=(),
    pattern=r"(?i:password)[=: ](?P<secret>[^\s]{3,40})",
    why="w",
    fix="f",
    url="https://acme.example/",
)


def image(**config: Any) -> ArtifactFacts:
    document = {"architecture": "amd64", "os": "linux", **config}
    return ArtifactFacts("container_image", "app:1", image=ImageFacts("sha256:1", config=document))


def searched(facts: ArtifactFacts, rules: RuleSet = OURS) -> tuple[Found, Masking]:
    reading = SecretReading(rules, SecretOptions(), rooted=True)
    found = search(facts, reading)
    return found, Masking((one.secret for one in reading.values.values()), found.spelled)


@pytest.mark.parametrize(
    ("config", "origin"),
    [
        ({"config": {"Env": ["PATH=/bin", f"GITHUB_TOKEN={TOKEN}"]}}, "ENV GITHUB_TOKEN"),
        ({"config": {"Labels": {"x": "y", "token": TOKEN}}}, "LABEL token"),
        ({"config": {"Cmd": ["run", "--token", TOKEN]}}, "CMD"),
        ({"config": {"Entrypoint": ["run", TOKEN]}}, "ENTRYPOINT"),
        ({"config": {"Healthcheck": {"Test": ["CMD-SHELL", f"curl -H 'token {TOKEN}' x"]}}}, "HEALTHCHECK"),
        ({"config": {"OnBuild": [f"ENV A={TOKEN}"]}}, "ONBUILD"),
        ({"config": {}, "history": [{"created_by": "ADD x"}, {"created_by": f"RUN a {TOKEN}"}]}, "history step 2"),
        ({"config": {}, "history": [{"comment": TOKEN}]}, "history step 1"),
        ({"author": f"me <{TOKEN}>"}, "author"),
        ({"container_config": {"Env": [f"A={TOKEN}"]}}, "ENV A"),
        ({"config": {"Unheard": {"of": [[{"x": f"a {TOKEN} b"}]]}}}, "config.Unheard.of.0.0.x"),
    ],
)
def test_where_a_secret_stands(config: dict[str, Any], origin: str) -> None:
    facts = image(**config)
    found, masking = searched(facts)
    (one,) = (one for one in found.candidates if one.rule == "github-pat")
    assert (one.path, one.origin) == ("config.json", origin)
    masked = masking.of(facts)
    assert masked.image is not None
    # The line is that of the document as JSON with an item a line.
    lines = json.dumps(masked.image.config, indent=2).split("\n")
    assert "*" * 40 in lines[one.start - 1] and one.start == one.end
    (cause,) = (line for line in one.code if line.is_cause)
    assert (cause.number, "*" * 40 in cause.content) == (one.start, True)
    assert [(line.number, line.content) for line in one.code if not line.is_cause] == [
        (number, lines[number - 1])
        for number in range(one.start - 2, one.start + 3)
        if number != one.start and 1 <= number <= len(lines)
    ]
    assert TOKEN not in json.dumps(masked.image.config)


def test_each_has_its_own_place() -> None:
    found, _ = searched(image(config={"Env": [f"A={TOKEN}", f"B={TOKEN}"], "Cmd": [OTHER, THIRD]}))
    tokens = [one for one in found.candidates if one.rule == "github-pat"]
    assert len({one.offset for one in tokens}) == 4
    assert [one.start for one in tokens] == [6, 7, 10, 11]


def test_texts_are_searched_as_they_are_and_not_as_json() -> None:
    key = fill("${pem:RSA PRIVATE KEY}", "k")
    facts = image(config={"Env": [f"KEY={key}"]})
    found, masking = searched(facts)
    assert [one.rule for one in found.candidates] == ["private-key"]
    shown = json.dumps(masking.of(facts).image.config)  # type: ignore[union-attr]
    assert not any(line in shown for line in key.split("\n")[1:-1])
    for candidate in found.candidates:
        assert not any(line[:20] in str(candidate) for line in key.split("\n")[1:-1])


def test_short_secrets_are_hidden_where_they_stand() -> None:
    rules = RuleSet((PASSWORD,), (), ())
    command = "RUN login --user root --password root3 && rm -rf /root3/x"
    facts = image(config={"Cmd": ["x", "password=ab1"]}, history=[{"created_by": f"/bin/sh -c #(nop) {command}"}])
    found, masking = searched(facts, rules)
    assert len(found.candidates) == 2
    config = masking.of(facts).image.config  # type: ignore[union-attr]
    assert config["history"][0]["created_by"].endswith("--password ***** && rm -rf /root3/x")
    assert config["config"]["Cmd"] == ["x", "password=***"]
    # The command of the layer is the same text without what the shell is told.
    layer = LayerReference("d", "sha256:1", created_by=command)
    assert masking.of(layer).created_by == "RUN login --user root --password ***** && rm -rf /root3/x"


def test_hostile_configurations() -> None:
    deep: Any = TOKEN
    for _ in range(200):
        deep = [deep]
    for config in ({"Env": None}, {"Env": [1, None, {}]}, {"Labels": ["x"]}, {"Cmd": "x"}, {"deep": deep}, {"": ""}):
        found, _ = searched(image(config=config, history="x"))
        assert found.candidates == ()
    many = [f"A{number}=b" for number in range(30_000)]
    assert searched(image(config={"Env": [*many[:100], f"T={TOKEN}", *many[100:]]}))[0].candidates


def test_what_is_known_of_a_commit() -> None:
    about = RepositoryFacts(url=f"https://x:{TOKEN}@github.com/a/b", message=f"key {OTHER}", author="me")
    facts = ArtifactFacts("repository", "x", repository=about)
    found, masking = searched(facts)
    assert found.candidates == ()
    masked = masking.of(facts).repository
    assert masked is not None
    assert masked.message == "key " + "*" * 40 and TOKEN not in masked.url and masked.author == "me"


def test_parts_of_secrets_that_are_hidden() -> None:
    assert pieces("abcdefgh") == ["abcdefgh"]
    assert pieces("short") == []
    assert pieces("-----BEGIN X-----\n  abcdefgh\r\nijklmnop\nshort\n-----END X-----") == ["abcdefgh", "ijklmnop"]
    assert pieces("-----BEGIN X Y----- abcdefgh -----END X Y-----") == ["abcdefgh"]
    assert pieces('abcdefg"') == ['abcdefg"']
    assert pieces(r"-----BEGIN X-----\nabcdefgh\nijklmnop") == ["abcdefgh", "ijklmnop"]


def test_words_around_a_short_one() -> None:
    assert in_context("a b --password xyz1 c", [(15, 19)]) == (" b --password xyz1", " b --password ****")
    assert in_context("xyz", [(0, 3)]) == ("xyz", "***")
    assert in_context("p=ab q=cd rest", [(2, 4), (7, 9)]) == ("p=ab q=cd", "p=** q=**")


def test_masking_leaves_what_has_nothing() -> None:
    result = Result("a", "lang-pkgs", "pip", packages=(Package(name="x", version="1"),))
    assert Masking([TOKEN]).of(result) is result
    assert not Masking(["short"])


def test_names_of_packages_are_not_hidden_as_passwords() -> None:
    result = Result("a", "os-pkgs", "debian", packages=(Package(name="postgresql", version="1"),))
    masking = Masking(["postgresql", TOKEN])
    assert masking.of(result, packages=True) is result
    named = Result("a", "lang-pkgs", "pip", packages=(Package(name="x", version=f"git+https://{TOKEN}@x"),))
    assert masking.of(named, packages=True).packages[0].version == "git+https://" + "*" * 40 + "@x"
    odd = Result("a\udc80", "lang-pkgs", "pip", packages=(Package(name=f"b{TOKEN}", version="1"),))
    assert masking.of(odd, packages=True).packages[0].name == "b" + "*" * 40


@given(
    st.lists(st.text('abcdefgh123"é', min_size=8, max_size=12), min_size=1, max_size=4),
    st.lists(st.one_of(st.integers(0, 3), st.text("abc \n\"'", max_size=3)), max_size=8),
)
def test_law_of_masking(values: list[str], shape: list[Any]) -> None:
    """Nothing that is to be hidden is left, and everything has its length; however many others there are."""
    text = "".join(values[one % len(values)] if isinstance(one, int) else one for one in shape)
    masked = Masking(values).of({"x": [text, (text,)]})["x"]
    assert masked[0] == masked[1][0] and len(masked[0]) == len(text)
    assert not any(value in masked[0] for value in values)
    many = Masking([*values, *(f"other-{number:03}" for number in range(100))])
    assert many.of([text]) == [masked[0]] and many.text(text) == masked[0]


def test_code_of_configuration_takes_the_masked_lines() -> None:
    code = tuple(CodeLine(number, f"line {number} secret", is_cause=True) for number in range(1, 7))
    fields = dict.fromkeys(
        ("title", "description", "message", "resolution", "provider", "service", "namespace", "query"), ""
    )
    finding = Misconfiguration(type="t", id="A-1", names=(), severity="LOW", code=code, rendered="secret", **fields)
    masked = (CodeLine(2, "line 2 ***", is_cause=True), CodeLine(3, "", is_cause=True, truncated=True))
    candidate = SecretCandidate("r", "a/main.tf", 2, 4, 1, 1, 0, "***", masked, "0", "low", "")
    results = [Result("a/main.tf", "config", "terraform", (), (finding,)), Result("b", "config", "x", (), (finding,))]
    first, second = without_secrets(results, Masking(()), [candidate])
    shown = [one.content for one in first.misconfigurations[0].code]
    assert shown == ["line 1 secret", "line 2 ***", "********", "********", "line 5 secret", "line 6 secret"]
    assert first.misconfigurations[0].rendered == ""
    assert second is results[1]
