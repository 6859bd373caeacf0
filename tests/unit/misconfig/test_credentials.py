"""Credentials in texts: what is one, and what only looks like it. Formats of tokens: the vendors' documentation."""

import time

import pytest

from vigie.misconfig.credentials import credential_in, readable


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('export DATABASE_PASSWORD="SomeSortOfPassword"', "a password"),
        ("db_passwd=hunter22x", "a password"),
        ("  password: s3cr3tpass", "a password"),
        ('{"client_secret": "8d7fa9d7f9"}', "a secret"),
        ("run --api-token=abcdef012345", "a token"),
        ("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "an AWS access key id"),
        ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a secret"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
        ("git clone https://bot:p4ssw0rd@git.example.com/x.git", "a password in a URL"),
        ("token: ghp_" + "a1B2" * 9, "a GitHub token"),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + "A" * 86 + "==", "an Azure account key"),
    ],
)
def test_credentials(text: str, what: str) -> None:
    assert credential_in(text) == what


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#!/bin/sh\napt-get update && apt-get install -y nginx\n",
        "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
        'export DB_PASSWORD="${DB_PASSWORD}"',
        "password: __UNRESOLVED__",
        "PASSWORD_FILE=/run/secrets/db",
        "SECRET_ARN=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
        "secret_name=production-database",
        "token = get_token(region)",
        "the password: should be long",
        "PasswordAuthentication: no",
        "curl https://example.com:8080/user@host",
        "api_key=<your key here>",
        "tokenizer=bert-base-cased",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert credential_in(text) == ""


@pytest.mark.parametrize(
    "part", ["a", "-", "_-", "password", "password=", "password =", "secret-", "a://", "BEGIN A ", '"']
)
def test_long_hostile_texts_take_no_time(part: str) -> None:
    start = time.process_time()
    credential_in(part * (300_000 // len(part)))
    assert time.process_time() - start < 2


def test_readable() -> None:
    # RFC 4648: "export A=b\n" in Base64.
    assert readable("ZXhwb3J0IEE9Ygo=") == "export A=b\n"
    assert readable("ZXhwb3J0\nIEE9Ygo=\n") == "export A=b\n"
    assert readable("export A=b") == "export A=b"
    assert readable("") == ""
    assert readable("////////") == "////////"
