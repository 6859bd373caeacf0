"""What is noise, and how sure the rest is."""

from __future__ import annotations

import base64
import math
import time

import pytest

from vigie.secrets.examples import fill
from vigie.secrets.judge import LONGEST, Judgement, entropy, judge, placeholder
from vigie.secrets.rules import SecretRule, load

RULES = {rule.id: rule for rule in load()}


def rule(**fields: object) -> SecretRule:
    plain = {"id": "a", "title": "A", "category": "Generic", "severity": "LOW", "keywords": ("password",)}
    texts = {"pattern": "password=(?P<secret>.*)", "why": "w", "fix": "f", "url": "https://a.example"}
    return SecretRule(**{**plain, **texts, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "$(cat /run/secrets/db)",
        "{{ .Values.password }}",
        "{password}",
        "<password>",
        "<your token>",
        "%PASSWORD%",
        "%(password)s",
        "#{password}",
        "@password@",
        "__PASSWORD__",
        "[password]",
        "********",
        "...",
        "process.env.SECRET",
        "os.environ['SECRET']",
        "secrets.GITHUB_TOKEN",
        "var.password",
        "prefix-${VALUE}-suffix",
        "${{ secrets.TOKEN }}",
        "xxxxxxxxxxxxxxxxxxxx",
        "XXXXXXXX-XXXX",
        "aaaaaaaaaaaaaaaaaaaaaa",
        "0000000000000000",
        "abcdefghijklmnopqrst",
        "zyxwvutsrqponmlkjihg",
        "1234567890123456",
        "9876543210987654321",
        "a1b2a1b2a1b2a1b2",
        "changeme",
        "change_this",
        "CHANGE-ME-PLEASE",
        "your-api-key",
        "YOUR_SECRET_TOKEN",
        "my-secret-key",
        "placeholder",
        "AKIAIOSFODNN7EXAMPLE",
        "example_password",
        "REDACTED",
        "foo",
        "dummy_token",
        "deadbeefdeadbeef",
        "notarealsecret",
        "insert_token_here",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7",
        "-----BEGIN CERTIFICATE-----\nMIIB",
    ],
)
def test_placeholders(text: str) -> None:
    assert placeholder(text), text


@pytest.mark.parametrize(
    "text",
    [
        "hunter2!",
        "admin-7Gx2",
        "rootbeer-99",
        "password-of-Ada-1815",
        "correct horse battery",
        "Tr0ub4dor&3",
        "p$ssw0rd-2024",
        "f00t-9kX2-null9",
        "nilsson-1974",
        "bar7Kq_2mZ",
        "sensible-Foo9bar-3Q",
        "s3cr3t<9aQ",
    ],
)
def test_passwords_are_no_placeholders(text: str) -> None:
    assert not placeholder(text), text


@pytest.mark.parametrize(
    "alphabet", ["alnum", "hex", "lower", "base64", "base64url", "lowernum", "word", "HEX", "base32"]
)
def test_what_a_generator_makes_is_no_placeholder(alphabet: str) -> None:
    """Two of two thousand at most, in each alphabet: recall is worth more than silence."""
    texts = [fill(f"${{{alphabet}:{length}}}", f"{length}-{seed}") for length in (16, 32, 64) for seed in range(700)]
    taken = [(text, reason) for text in texts if (reason := placeholder(text))]
    assert len(taken) <= 2, taken


def test_documented_values() -> None:
    emulator = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq" + "/K1SZFPTOtr/KBHBeksoGMGw=="
    assert judge(RULES["azure-storage-account-key"], emulator).reason.startswith(
        "it is an example from Azure's storage"
    )
    signature = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV" + "_adQssw5c"
    claims = ('{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890","name":"John Doe","iat":1516239022}')
    first, second = (base64.b64encode(part.encode()).decode().rstrip("=") for part in claims)
    judged = judge(RULES["jwt-token"], f"{first}.{second}.{signature}")
    assert (judged.noise, judged.reason) == (True, "it is an example from jwt.io")


def test_confidence() -> None:
    token = fill("${github:ghp_}", "a")
    pat = RULES["github-pat"]
    assert judge(pat, token) == Judgement("high", "its checksum is right")
    assert judge(pat, token[:-1] + ("a" if token[-1] != "a" else "b")) == Judgement("low", "its checksum is wrong")
    assert judge(RULES["gitlab-pat"], fill("glpat-${alnum:20}", "a")).confidence == "high"
    assert judge(RULES["fastly-api-token"], fill("${alnum:32}", "a")).confidence == "medium"
    assert judge(RULES["heroku-api-key"], fill("${uuid}", "a")).confidence == "medium"
    assert judge(RULES["heroku-api-key"], "f81d4fae-7dec-11d0-a765-00a0c91e6bf6").confidence == "low"
    assert judge(RULES["discord-api-token"], fill("MT${alnum:22}.${alnum:6}.${alnum:27}", "a")).confidence == "low"


def test_generic_rules() -> None:
    generic = rule(entropy=2.5)
    assert judge(generic, fill("${alnum:32}", "a")).confidence == "low"
    assert "hash" in judge(generic, fill("${hex:40}", "a")).reason
    assert "UUID" in judge(generic, fill("${uuid}", "a")).reason
    few = judge(generic, "abababcbabab")
    assert few.noise and "bits per character" in few.reason
    assert judge(generic, "getTokenFromEnvironment1").noise
    assert judge(generic, "the_name_of_a_long_setting").noise
    assert not judge(rule(), "getTokenFromEnvironment1").noise, "where the form is not judged by its randomness"


@pytest.mark.parametrize("before", ["sha256 = ", 'commit: "', "integrity: sha512-", "md5=", "request_id='"])
def test_the_name_says_what_it_is(before: str) -> None:
    secret = fill("${hex:32}", "a")
    assert judge(rule(entropy=2.5), secret, before).noise
    assert not judge(rule(entropy=2.5), secret, "secret = ").noise
    assert not judge(RULES["pulumi-api-token"], fill("pul-${hex:40}", "a"), before).noise


def test_passwords_that_are_the_name() -> None:
    assert judge(rule(), "shopkeeper", "url = postgres://shopkeeper:").noise
    assert not judge(rule(), "shopkeeper", "url = postgres://keeper:").noise


def test_entropy() -> None:
    assert entropy("") == entropy("aaaa") == 0.0
    assert entropy("ab") == 1.0
    assert math.isclose(entropy("0123456789abcdef"), 4.0)


@pytest.mark.parametrize(
    "unit", ["a", "{", "<", "{{", "<a", "_", "a_", "-", "Aa", "aA", "%A", "xX", "\\n", "${", "0", "a.", "é", "\ud800"]
)
def test_hostile_texts_take_no_time(unit: str) -> None:
    rules = [rule(entropy=0.1), *(RULES[id_] for id_ in ("jwt-token", "private-key", "github-pat", "azure-sas-token"))]
    started = time.process_time()
    for one in rules:
        judge(one, unit * LONGEST, unit * 1000)
        judge(one, unit * 8000 + "!", unit * 1000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    ["IAmSensitive", "SomeSortOfPassword", "client.orders.keyOfTheAccount", "orders-and-sessions-of-users"],
)
def test_words_in_assignments_are_none(text: str) -> None:
    password = RULES["generic-password"]
    assert judge(password, text, "password = '").noise
    written = base64.b64encode(text.encode()).decode()
    assert judge(password, written, "password = '").noise, "nor are they in base 64"


def test_random_letters_are_no_words() -> None:
    """Letters alone, which few generators make: of those one in thirty is lost at most, else four in a thousand."""
    texts = [fill("${letter:16}", str(seed)) for seed in range(600)]
    taken = [text for text in texts if judge(RULES["generic-password"], text, "password = '").noise]
    assert len(taken) <= 20, taken
    texts = [fill("${alnum:16}", str(seed)) for seed in range(2000)]
    taken = [text for text in texts if judge(RULES["generic-password"], text, "password = '").noise]
    assert len(taken) <= 8, taken


def test_a_password_has_no_prefix() -> None:
    """The word of the rule in it is by chance."""
    assert judge(RULES["netrc-password"], "xpassword7Q2k").confidence == "medium"


@pytest.mark.parametrize("text", ["x-oauth-basic", "url-pass", "P@ssw0rd1234!", "notsosecret", "{auth_token}"])
def test_words_for_passwords(text: str) -> None:
    assert judge(RULES["http-url-password"], text, "https://mary:").noise


def test_a_secret_beside_the_id_of_its_key() -> None:
    secret = fill("${base64:40}", "a")
    assert judge(RULES["aws-access-key-pair"], secret).confidence == "high"
    assert judge(RULES["aws-secret-access-key"], secret).confidence == "medium"
    assert judge(RULES["tencent-cloud-secret-key"], fill("${hex:32}", "a")).confidence == "medium", "as a hash"
