"""The ways in which programs and settings write a name and its secret: rules that go by the name find it in each."""

from __future__ import annotations

import re

import pytest

from vigie.secrets.examples import fill
from vigie.secrets.judge import judge
from vigie.secrets.rules import SecretRule, load

RULES = {rule.id: rule for rule in load()}

WRITINGS = (
    "DATADOG_API_KEY=@",
    'export DATADOG_API_KEY="@"',
    "ENV DATADOG_API_KEY @",
    "set DATADOG_API_KEY=@",
    '$env:DATADOG_API_KEY = "@"',
    "datadog.api.key=@",
    "datadog_api_key    = '@'",
    "  datadogApiKey: `@`,",
    'const datadogApiKey: string = "@";',
    'const DATADOG_API_KEY: &str = "@";',
    'var c = Client{DatadogAPIKey: "@"}',
    'os.environ["DATADOG_API_KEY"] = "@"',
    'os.Setenv("DATADOG_API_KEY", "@")',
    "define('DATADOG_API_KEY', '@');",
    ":datadog_api_key => '@'",
    'public string DatadogApiKey { get; } = "@";',
    "<datadogApiKey>@</datadogApiKey>",
    '<add key="datadogApiKey" value="@" />',
    '{"datadog_api_key":"@"}',
    r'{"body":"{\"datadog_api_key\":\"@\"}"}',
    '{"name": "DATADOG_API_KEY", "value": "@"}',
    '- name: DATADOG_API_KEY\n      value: "@"',
    "- name: DATADOG_API_KEY\r\n      value: @",
    'variable "datadog_api_key" {\n  default = "@"\n}',
    "agent --datadog-api-key @ --verbose",
    "agent --datadog-api-key=@",
)


def secrets(rule: SecretRule, text: str) -> list[str]:
    found = re.finditer(rule.pattern.encode(), text.encode(), re.MULTILINE)
    return [match["secret"].decode() for match in found]


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_name_and_its_secret(writing: str) -> None:
    value = fill("${hex:32}", "a")
    assert secrets(RULES["datadog-api-key"], writing.replace("@", value)) == [value]


QUOTED = [
    writing
    for writing in WRITINGS
    if any(f"{quote}@" in writing for quote in "\"'`")
    and (writing.startswith(("export", "$env", "os", "define")) or "API_KEY" not in writing)
]


@pytest.mark.parametrize("writing", QUOTED)
def test_any_name_and_its_quoted_secret(writing: str) -> None:
    value = fill("${alnum:32}", "a")
    text = re.sub(r"(?i)datadog(?=[._-]?api)", "weather", writing).replace("@", value)
    assert secrets(RULES["generic-api-key"], text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "the datadog api key of the agent; its commit is @",
        "datadog_api_key_file = /run/key\nchecksum: @",
        'datadog_api_key = ""\n\n\nvalue @',
        "DATADOG_SITE=@",
    ],
)
def test_what_stands_elsewhere_is_not_its_secret(text: str) -> None:
    assert secrets(RULES["datadog-api-key"], text.replace("@", fill("${hex:32}", "a"))) == []


def test_an_element_of_a_list_is_not_the_secret_of_the_one_before() -> None:
    rule, value = RULES["generic-password"], fill("${alnum:16}", "a")
    assert judge(rule, value, "VALUES ('7', 'password', '").noise
    assert not judge(rule, value, "set('password', '").noise


def test_pairs_and_preferences_name_rules() -> None:
    for rule in RULES.values():
        for other in (*rule.with_, *rule.over):
            assert other in RULES and other != rule.id
        assert not any(rule.id in RULES[other].over for other in rule.over), f"{rule.id}: each is over the other"


@pytest.mark.parametrize(
    ("secret", "id_"),
    [
        # An id that a provider gives together with its secret (issue of the provider's documentation in `url`)
        ("aws-secret-access-key", "aws-access-key-id"),
        ("alibaba-secret-key", "alibaba-access-key-id"),
        ("asana-client-secret", "asana-client-id"),
        ("adobe-client-secret", "adobe-client-id"),
        ("bitbucket-client-secret", "bitbucket-client-id"),
        ("discord-client-secret", "discord-client-id"),
        ("linkedin-client-secret", "linkedin-client-id"),
        ("messagebird-api-token", "messagebird-client-id"),
        ("new-relic-user-api-key", "new-relic-user-api-id"),
        ("twilio-api-key-secret", "twilio-api-key"),
    ],
)
def test_secrets_with_their_ids(secret: str, id_: str) -> None:
    assert id_ in RULES[secret].with_
