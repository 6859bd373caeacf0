"""All rules: their examples are found, what they exclude is not, and all ids of the reference are there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from vigie.errors import RuleError
from vigie.secrets import rules
from vigie.secrets.examples import fill
from vigie.secrets.judge import judge
from vigie.secrets.rules import SecretRule, read_folder, read_rules, refusal, write_index

RULES = {rule.id: rule for rule in read_folder()}

# trivy.md §6.3: all built-in rules of the reference, by severity and category.
REFERENCE = """
CRITICAL
AWS: aws-access-key-id, aws-secret-access-key
GitHub: github-pat, github-oauth, github-app-token, github-refresh-token, github-fine-grained-pat
GitLab: gitlab-pat
HuggingFace: hugging-face-access-token
Stripe: stripe-secret-token
Google: gcp-service-account
Npm: npm-access-token
Azure: azure-storage-account-key, azure-entra-client-secret, azure-container-registry-credential
Azure: azure-container-registry-password, azure-app-config-connection-string
OpenAI: openai-project-api-key, openai-service-account-key, openai-admin-api-key
HIGH
AsymmetricPrivateKey: private-key
Shopify: shopify-token
Slack: slack-access-token
PyPI: pypi-upload-token
Heroku: heroku-api-key
Alibaba: alibaba-access-key-id, alibaba-secret-key
Atlassian: atlassian-api-token
Bitbucket: bitbucket-client-id, bitbucket-client-secret
Dropbox: dropbox-api-secret, dropbox-short-lived-api-token, dropbox-long-lived-api-token
Private Packagist: private-packagist-token
Pulumi: pulumi-api-token
Docker: dockerconfig-secret
Symfony: symfony-default-secret
Azure: azure-sas-token, azure-devops-pat, azure-ai-services-key
Maven: maven-settings-password, maven-settings-passphrase, maven-settings-security-master
OpenAI: openai-legacy-api-key, openai-service-api-key
MEDIUM
Slack: slack-web-hook
Twilio: twilio-api-key
Age: age-secret-key
Asana: asana-client-id, asana-client-secret
Clojars: clojars-api-token
Databricks: databricks-api-token
Discord: discord-api-token, discord-client-id, discord-client-secret
Doppler: doppler-api-token
Dynatrace: dynatrace-api-token
Fastly: fastly-api-token
Finicity: finicity-client-secret, finicity-api-token
Flutterwave: flutterwave-public-key, flutterwave-enc-key
GoCardless: gocardless-api-token
Grafana: grafana-api-token
HashiCorp: hashicorp-tf-api-token
JWT: jwt-token
Linear: linear-api-token, linear-client-secret
Mailchimp: mailchimp-api-key
Mailgun: mailgun-token, mailgun-signing-key
Mapbox: mapbox-api-token
MessageBird: messagebird-api-token, messagebird-client-id
NewRelic: new-relic-user-api-key, new-relic-user-api-id, new-relic-browser-api-token
Planetscale: planetscale-password, planetscale-api-token
Postman: postman-api-token
RubyGems: rubygems-api-token
SendGrid: sendgrid-api-token
OpenAI: openai-realtime-client-secret
LOW
Stripe: stripe-publishable-token
Facebook: facebook-token
Twitter: twitter-token
Adobe: adobe-client-id, adobe-client-secret
Beamer: beamer-api-token
ContentfulDelivery: contentful-delivery-api-token
Duffel: duffel-api-token
Easypost: easypost-api-token
Frameio: frameio-api-token
HubSpot: hubspot-api-token
Intercom: intercom-api-token, intercom-client-secret
Lob: lob-api-key, lob-pub-api-key
Sendinblue: sendinblue-api-token
Shippo: shippo-api-token
LinkedIn: linkedin-client-secret, linkedin-client-id
Twitch: twitch-api-token
Typeform: typeform-api-token
UNKNOWN
Ionic: ionic-api-token
"""


def reference() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    severity = ""
    for line in REFERENCE.strip().splitlines():
        category, colon, ids = line.partition(": ")
        if not colon:
            severity = line
        for id_ in ids.split(", ") if colon else ():
            found[id_] = (category, severity)
    return found


@cache
def compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode(), re.MULTILINE)


def found_in(rule: SecretRule, text: str) -> list[tuple[str, str, str]]:
    """Of each match: all of it, the secret in it, the text of its line before the secret."""
    data = text.encode()
    found = []
    for match in compiled(rule.pattern).finditer(data):
        group = "secret" if "secret" in match.re.groupindex else 0
        before = data[data.rfind(b"\n", 0, match.start(group)) + 1 : match.start(group)]
        found.append((match[0].decode(), match[group].decode(), before.decode()))
    return found


def test_all_of_the_reference() -> None:
    wanted = reference()
    assert len(wanted) == 105
    assert {id_: (RULES[id_].category, RULES[id_].severity) for id_ in wanted if id_ in RULES} == wanted


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_examples(rule: SecretRule) -> None:
    assert rule.examples, "a rule has examples"
    for example in rule.examples:
        text = fill(example, rule.id)
        found = found_in(rule, text)
        assert found, f"not found in {text!r}"
        for match, secret, before in found:
            assert secret, "the group `secret` takes part in every match"
            assert any(word.lower() in match.lower() for word in rule.keywords), f"no keyword in {match!r}"
            judged = judge(rule, secret, before)
            assert not judged.noise, f"{secret!r} in {text!r} is judged noise: {judged.reason}"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_keyword_stands_in_every_match(rule: SecretRule) -> None:
    """Else the matcher, which looks for keywords first, would lose matches that the expression finds."""
    texts = matching_texts(random.Random(rule.id), rule.pattern, 40)
    matches = [found[0].lower() for text in texts for found in compiled(rule.pattern).finditer(text)]
    assert matches
    for match in matches:
        assert any(word.lower().encode() in match for word in rule.keywords), match


def matching_texts(source: random.Random, pattern: str, count: int) -> list[bytes]:
    """Texts that an expression matches, but for what it says of borders: branches at random, repetitions short."""
    classes: dict[int, bytes] = {}

    def walk(nodes: Iterable[tuple[Any, Any]], folds: bool, made: bytearray) -> None:
        for kind, detail in nodes:
            match str(kind):
                case "LITERAL":
                    one = bytes([detail])
                    made += one.swapcase() if folds and source.random() < 0.3 else one
                case "IN":
                    if id(detail) not in classes:
                        classes[id(detail)] = members(detail)
                    made.append(source.choice(classes[id(detail)]))
                case "BRANCH":
                    walk(source.choice(detail[1]), folds, made)
                case "SUBPATTERN":
                    walk(detail[3], folds or bool(detail[1] & re.IGNORECASE), made)
                case "MAX_REPEAT" | "MIN_REPEAT":
                    low, high, inner = detail
                    for _ in range(source.randint(low, min(int(high), low + 3))):
                        walk(inner, folds, made)
                case "NOT_LITERAL":
                    made += b"a" if detail != ord("a") else b"b"
                case "ANY":
                    made.append(source.choice(b"a1 _"))
                case _:
                    assert str(kind) == "AT", kind

    parsed = re._parser.parse(pattern.encode())  # type: ignore[attr-defined]
    texts = [bytearray() for _ in range(count)]
    for text in texts:
        walk(parsed, False, text)
    return [bytes(text) for text in texts]


def members(items: list[tuple[Any, Any]]) -> bytes:
    """The ASCII characters of a class."""
    categories = {"DIGIT": rb"\d", "SPACE": rb"\s", "WORD": rb"\w"}
    inside: set[int] = set()
    for kind, detail in items:
        match str(kind):
            case "LITERAL":
                inside.add(detail)
            case "RANGE":
                inside.update(range(detail[0], detail[1] + 1))
            case "CATEGORY":
                name = str(detail).removeprefix("CATEGORY_")
                wanted = not name.startswith("NOT_")
                expression = re.compile(categories[name.removeprefix("NOT_")])
                inside.update(one for one in range(128) if bool(expression.match(bytes([one]))) == wanted)
    negated = str(items[0][0]) == "NEGATE"
    return bytes(one for one in range(9, 127) if (one in inside) != negated)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_not(rule: SecretRule) -> None:
    assert rule.excluded, "a rule says what it does not mean"
    for text in (fill(example, rule.id) for example in rule.excluded):
        for _, secret, before in found_in(rule, text):
            assert judge(rule, secret, before).noise, f"{secret!r} was found in {text!r}"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_examples_are_found_in_a_file(rule: SecretRule) -> None:
    """Not only at the ends of a text: in lines with CRLF, and many times."""
    for example in rule.examples:
        text = fill(example, rule.id)
        once = len(found_in(rule, text))
        assert len(found_in(rule, f"# first\n{text}\n# last\n")) == once
        assert len(found_in(rule, f"{text}\n" * 3)) == once * 3
        if "\n" not in text:
            assert len(found_in(rule, f"# first\r\n{text}\r\n")) == once


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.id_group], ids=lambda rule: rule.id)
def test_ids_stand_beside_their_secrets(rule: SecretRule) -> None:
    texts = [fill(example, rule.id).encode() for example in rule.examples]
    found = [match for text in texts for match in compiled(rule.pattern).finditer(text)]
    assert any(match[rule.id_group] for match in found)
    assert all(match[rule.id_group] != match["secret"] for match in found)


def test_index_is_as_the_rules_say() -> None:
    assert rules.INDEX.read_bytes() == write_index(read_folder()), "run `make index`"
    assert [rule.id for rule in rules.load()] == sorted(RULES)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        r"(?P<x>a)(?P=x)",
        r"a(?=b)",
        r"a(?!b)",
        r"(?<=a)b",
        r"(?<!a)b",
        r"a++",
        r"a\z",
        r"a\Z",
        r"\<a",
        r"[[a]",
        "a(",
        "ä",
        "a" * 2001,
    ],
)
def test_refused_expressions(pattern: str) -> None:
    assert refusal(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\ba[^\[\]]{3}", r"a[+]+", r"\(\?=", r"(?i:a)(?P<secret>b)|(?:c)", r"a+?b", "[]a]"]
)
def test_taken_expressions(pattern: str) -> None:
    assert not refusal(pattern)


GOOD = """
- id: a-token
  title: A token
  category: A
  severity: LOW
  keywords: [atok]
  pattern: 'atok${uuid}'
  why: It opens doors.
  fix: Close them.
  url: https://a.example/docs
"""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("severity: LOW", "severity: LOWER", "f.yaml:2: Invalid enum value 'LOWER' - at `$.severity`"),
        ("[atok]", "[at]", "f.yaml:2: a-token: it needs keywords"),
        ("[atok]", "[]", "f.yaml:2: a-token: it needs keywords"),
        ("id: a-token", "id: A", "f.yaml:2: the id 'A' has"),
        ("uuid", "guid", "f.yaml:2: the expression has an unknown part '${guid}'"),
        ("atok$", "(?!atok)$", "is not linear"),
        ("https://a", "http://a", "the url of the documentation begins with https://"),
        ("why:", "check: nothing\n  why:", "there is no check 'nothing'"),
        ("why:", "id_group: key\n  why:", "the expression has no group 'key'"),
        ("why:", "verify: {url: 'http://a', active: [200], inactive: [401]}\n  why:", "over https:// only"),
        (
            "why:",
            "verify: {url: 'https://{id}.a/', active: [200], inactive: [401]}\n  why:",
            "a host that the rule names",
        ),
        ("why:", "verify: {url: 'https://a.io/', active: [200], inactive: [401]}\n  why:", "does not hold {secret}"),
        ("why:", "wy:", "`wy`"),
        ("title: A token", "title: ", "Expected `str`"),
        ("\n- ", "\n  ", "f.yaml:2: a file of rules is a list"),
        ("why: It", "why: [", "f.yaml:"),
        ("fix:", "why:", "f.yaml:2: a key stands twice"),
    ],
)
def test_bad_rules_are_refused(old: str, new: str, what: str) -> None:
    assert [rule.id for _, rule in read_rules(GOOD.encode(), "f.yaml")] == ["a-token"]
    with pytest.raises(RuleError) as refused:
        read_rules(GOOD.replace(old, new, 1).encode(), "f.yaml")
    assert what in refused.value.message


def test_two_rules_of_one_id(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)
    with pytest.raises(RuleError, match=r"b.yaml:2: there are two rules 'a-token'; the other is at a.yaml:2"):
        read_folder(tmp_path)
