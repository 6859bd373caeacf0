"""What stands for a password, and what a generator made: the checks behind rules that have a name alone to go by."""

from __future__ import annotations

import random

import pytest

from vigie.secrets.checks import basic, mixed, password
from vigie.secrets.examples import ALPHABETS


@pytest.mark.parametrize(
    "text",
    [
        "password",
        "Password1",
        "db_password",
        "your-password",
        "mypass123",
        "secret",
        "guest",
        "root",
        "postgres",
        "changeit",
        "minioadmin",
        "user@localhost://x",
        "getPassword()",
        "%s",
        "self.password()",
        "proxypass",
        "optional; leave empty if not used.",
    ],
)
def test_no_password(text: str) -> None:
    assert password(text).impossible
    assert mixed(text).impossible


@pytest.mark.parametrize(
    "text", ["Sommer-am-Meer-19", "tr0ub4dor&3", "kX9!vQ2#mZ7p", "rootstock-42-violet", "passport7Quay"]
)
def test_a_password(text: str) -> None:
    assert not password(text).impossible


@pytest.mark.parametrize(
    "text",
    [
        "correct-horse-battery",
        "com.shop.settings.apiKeyName",
        "application/json",
        "my_secret_key_name",
        "accessTokenProviderFactory",
        "1.2.3.4.5.6",
        "path/to/some/file.txt",
        "thisisaverylongsecretkey",
        "AUTHORIZATION_TOKEN_2",
        "2024.11.22.1",
    ],
)
def test_what_people_write_is_not_mixed(text: str) -> None:
    assert mixed(text).impossible


@pytest.mark.parametrize(
    ("kind", "length"), [("alnum", 16), ("alnum", 32), ("base64", 40), ("base64url", 43), ("hex", 40)]
)
def test_what_generators_make_is_mixed(kind: str, length: int) -> None:
    """At least 98 in 100: the bound is two deviations below what random hex digits have."""
    source = random.Random(7)
    made = ("".join(source.choice(ALPHABETS[kind]) for _ in range(length)) for _ in range(1000))
    assert sum(not mixed(text).impossible for text in made) >= 980


def test_basic_credentials() -> None:
    """The first is the example of RFC 2617 §2, the second the user and password of RFC 7617 §2.1, the third no text."""
    assert basic("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").holds
    assert basic("dGVzdDoxMjPCow==").facts == {"user": "test"}
    assert basic("jpvcGVuc2VzYW1lYWxhZGRpb").impossible
    assert basic("bWFyeTpwYXNzd29yZA==").impossible
