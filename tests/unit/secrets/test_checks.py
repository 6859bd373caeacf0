"""Structure and checksums, against values that their documentation gives."""

from __future__ import annotations

import base64
import zlib

import pytest

from vigie.secrets import checks
from vigie.secrets.checks import CHECKS, LONGEST
from vigie.secrets.examples import fill


def test_checksum_of_github() -> None:
    # The example that articles on the format use; split so that it is no token in this file.
    token = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17"
    assert checks.github(token).holds is True
    assert checks.github(token[:-1] + "8").holds is False
    assert checks.github(token[:10] + "X" + token[11:]).holds is False
    assert checks.github("ghr_" + "a" * 76).holds is None


def test_base62_has_six_digits() -> None:
    assert checks.base62_crc32("") == "000000"
    assert zlib.crc32(b"") == 0


def test_account_of_an_aws_key() -> None:
    # T. Be'ery, "A short note on AWS KEY ID"
    outcome = checks.aws_access_key_id("ASIA" + "QNZGKIQY56JQ7WML")
    assert outcome.holds is True
    assert outcome.facts == {"account": "029608264753"}
    assert checks.aws_access_key_id("AKIA" + "IOSFODNN7ABCDEFG").holds is None, "made before 2019"
    assert checks.aws_access_key_id("AKIA" + "7777777777777777").holds is False, "13 digits"
    assert checks.aws_access_key_id("AKIA" + "0189").holds is False


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_json_web_tokens() -> None:
    # RFC 7519 §3.1
    header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    outcome = checks.jwt(f"{header}.{claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert outcome.holds is True
    assert outcome.facts == {"issuer": "joe", "expires": "1300819380"}
    # RFC 7519 §6.1
    unsigned = checks.jwt(f"eyJhbGciOiJub25lIn0.{claims}.")
    assert (unsigned.holds, unsigned.impossible) == (False, False)
    assert checks.jwt(header + "." + encoded('{"some": 1}') + ".x").holds is False
    assert checks.jwt(f"{encoded('{}')}.{claims}.x").impossible
    assert checks.jwt(f"{header}.{encoded('[1]')}.x").impossible
    assert checks.jwt(f"{header}.").impossible
    assert checks.jwt(f"{encoded('[' * 40000)}.{claims}.x").impossible
    assert checks.jwt(encoded('{"alg": "dir", "enc": "A128GCM"}') + "..a.b.c").holds is True


PEM_KINDS = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]


@pytest.mark.parametrize("kind", PEM_KINDS)
def test_private_keys(kind: str) -> None:
    block = fill(f"${{pem:{kind}}}", "a")
    inner = "\n".join(block.splitlines()[1:-1])
    ways = {
        "as it is": block,
        "inside": inner,
        "CRLF": block.replace("\n", "\r\n"),
        "escaped": block.replace("\n", r"\n"),
        "escaped twice": block.replace("\n", r"\\n"),
        "escaped CRLF": block.replace("\n", r"\r\n"),
        "indented": block.replace("\n", "\n    "),
        "text of a program": block.replace("\n", '\\n" +\n  "'),
        "continued": block.replace("\n", "\\n\\\n"),
    }
    assert {way: checks.private_key(text).holds for way, text in ways.items()} == dict.fromkeys(ways, True)


def test_encrypted_private_keys() -> None:
    lines = fill("${pem:RSA PRIVATE KEY}", "a").splitlines()
    old = [lines[0], "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,A0B1", "", *lines[1:]]
    assert "passphrase" in checks.private_key("\n".join(old)).says
    assert "passphrase" in checks.private_key(fill("${pem:ENCRYPTED PRIVATE KEY}", "a")).says
    assert "passphrase" not in checks.private_key("\n".join(lines)).says
    openssh = b"openssh-key-v1\0" + checks.length_prefixed(b"aes256-ctr") + bytes(60)
    assert "passphrase" in checks.private_key(base64.b64encode(openssh).decode()).says


@pytest.mark.parametrize(
    ("content", "impossible"),
    [
        (b"", True),
        (b"short", True),
        (b"\x30\x82\x01\x22\x30\x0d\x06\x09" + bytes(40), False),  # SubjectPublicKeyInfo that is cut
        (b"\x30\x3e\x30\x2a" + bytes(60), False),
        (b"\x30\x84\xff\xff\xff\xff" + bytes(60), False),
        (b"\x30\x80" + bytes(60), False),
        (b"\x30\x82" + bytes(60), False),
        (bytes(60), False),
        (b"\xff" * 60, False),
    ],
)
def test_no_private_keys(content: bytes, impossible: bool) -> None:
    outcome = checks.private_key(base64.b64encode(content).decode())
    assert (outcome.holds, outcome.impossible) == (False, impossible)


def test_secret_keys_of_openpgp() -> None:
    # RFC 9580 §4.2: tag 5 in the old form is 0x94 to 0x97, in the new form 0xC5; tag 6, a public key, 0x98 and 0xC6
    for first, holds in ((0x95, True), (0xC5, True), (0xC7, True), (0x98, False), (0xC6, False)):
        text = "Version: GnuPG v2\n\n" + base64.b64encode(bytes([first]) + bytes(60)).decode() + "\n=njUN\n"
        assert checks.private_key(text).holds is holds, hex(first)


def test_bech32() -> None:
    # BIP 173, valid and invalid test vectors
    for text in ("A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"):
        assert checks.bech32(text).holds is True, text
    for text in ("A1G7SGD8", "de1lg7wt\xff", "x1b4n0q5v", "split1cheo2y9e2w"):
        assert checks.bech32(text).holds is False, text


def test_mark_of_a_storage_key() -> None:
    assert checks.azure_storage_key("a" * 76 + "+ASt" + "abcdeA==").holds is True
    assert checks.azure_storage_key("a" * 86 + "==").holds is None


def test_signature_of_azure() -> None:
    signature = base64.b64encode(bytes(range(250, 255)) * 6 + b"ab").decode()
    assert checks.azure_signature(signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")).holds is True
    assert checks.azure_signature(signature).holds is True
    assert checks.azure_signature("abcd%3D").holds is False
    assert checks.azure_signature("%%%").holds is False


def json64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_docker() -> None:
    assert checks.docker_auth(json64("user:pass:word")).facts == {"user": "user"}
    for wrong in (json64("user:"), json64(":pass"), json64("nothing"), "%", base64.b64encode(b"\xff:a").decode()):
        assert checks.docker_auth(wrong).holds is False
    config = '{"auths": {"ghcr.io": {"auth": "x"}, "quay.io": {}, "a": 1}}'
    assert checks.docker_config(json64(config)).facts == {"registries": "ghcr.io"}
    assert checks.docker_config(json64('{"ghcr.io": {"password": "x"}}')).holds is True
    for empty in ('{"auths": {}}', '{"auths": []}', "{}"):
        assert checks.docker_config(json64(empty)).impossible
    assert checks.docker_config(json64(config)[:20]).holds is None


def test_places_in_tokens() -> None:
    macaroon = b"\x02\x01\x08pypi.org\x02" + bytes(40)
    assert checks.pypi("pypi-" + base64.urlsafe_b64encode(macaroon).decode()).facts == {"location": "pypi.org"}
    assert checks.pypi("pypi-" + encoded("\x02\x01\x07evil.io" + "a" * 40)).holds is False
    assert checks.pypi("pypi-!").holds is False
    # Discord's documentation, "Authentication": the example's first part is 80351110224678912
    assert checks.discord("ODAzNTExMTAyMjQ2Nzg5MTI.x.y").facts == {"bot": "80351110224678912"}
    assert checks.discord("TQxxxxxxxxxxxxxxxxxxxxxx.x.y").holds is False
    assert checks.mapbox("pk." + encoded('{"u":"ana","a":"c"}') + ".x").facts == {"user": "ana"}
    assert checks.mapbox("pk." + encoded('{"u":1}') + ".x").holds is False
    assert checks.grafana_api_key(json64('{"k":"a","n":"ci","id":1}')).facts == {"name": "ci"}
    assert checks.grafana_api_key(json64('{"k":"a"}')).holds is False
    assert checks.slack("xoxb-123456789012-1234567890123-" + "a" * 24).facts == {"team": "123456789012"}
    assert checks.slack("xoxe-1-abcdefgh").holds is None
    assert checks.mailchimp("0" * 32 + "-us14").facts == {"data centre": "us14"}
    assert checks.stripe("sk_test_1").facts == {"mode": "test"}
    assert checks.uuid4("f81d4fae-7dec-11d0-a765-00a0c91e6bf6").holds is False  # RFC 4122, version 1
    assert checks.uuid4("919108f7-52d1-4320-9bac-f847db4148a8").holds is None  # RFC 9562, version 4


HOSTILE = [
    "",
    ".",
    "..",
    "=",
    "-",
    "_",
    "a" * (LONGEST * 4),
    "." * LONGEST,
    "\xff\x00\u2028",
    "sig=%",
    "1",
    "ghp_",
    "A" * 20,
]


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_makes_a_check_fail(name: str) -> None:
    for text in HOSTILE:
        assert CHECKS[name](text).says


def test_examples_are_the_same_for_a_seed() -> None:
    assert fill("${alnum:20}", "a") == fill("${alnum:20}", "a") != fill("${alnum:20}", "b")
    assert fill("${env.X} ${{ a }} $x", "a") == "${env.X} ${{ a }} $x"
    with pytest.raises(ValueError, match=r"unknown part '\$\{nothing:3\}'"):
        fill("${nothing:3}", "a")
