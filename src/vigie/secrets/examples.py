"""Examples of rules, filled in: no file of ours holds anything that looks like a secret, so the random parts are made.

In an `examples:` or `not:` text of a rule these stand for something made from a generator seeded by the rule's id:

`${alnum:36}` `${lower:8}` `${upper:16}` `${digit:12}` `${letter:5}` `${hex:32}` `${HEX:32}` `${base32:16}` (A-Z, 2-7)
`${lowernum:20}` `${uppernum:20}` `${word:20}` (alnum and _) `${base64:40}` (no padding) `${base64url:43}`
`${base32lower:52}` `${uuid}` (version 4) `${github:ghp_}` (any prefix; with checksum) `${aws:AKIA}` (an access key id)
`${jwt}` `${bech32:AGE-SECRET-KEY-}` (any name; 32 bytes and the checksum) `${grafana:name}` `${mapbox:sk}`
`${dockerconfig}` (base 64) `${pem:RSA PRIVATE KEY}` (a block of PEM; its contents parse and are nobody's key)
`${der:RSA PRIVATE KEY}` (its contents on one line) `${encode:text}` (base 64 of a text whose own parts are written
`$(alnum:8)`).
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable
from typing import Any

from vigie.secrets.checks import BASE62, BECH32, base62_crc32, bech32_checksum, length_prefixed

_DIGIT, _UPPER, _LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = {
    "digit": _DIGIT,
    "upper": _UPPER,
    "lower": _LOWER,
    "letter": _UPPER + _LOWER,
    "alnum": BASE62,
    "lowernum": _DIGIT + _LOWER,
    "uppernum": _DIGIT + _UPPER,
    "word": BASE62 + "_",
    "hex": _DIGIT + "abcdef",
    "HEX": _DIGIT + "ABCDEF",
    "base32": _UPPER + "234567",
    "base32lower": _LOWER + "234567",
    "base64": BASE62 + "+/",
    "base64url": BASE62 + "-_",
}


def fill(text: str, seed: str) -> str:
    """The text with its random parts made; the same for the same seed. Raises ValueError for a part that is unknown."""
    source = random.Random(seed)  # noqa: S311 - nothing here is secret
    inner = re.compile(r"\$\(([A-Za-z0-9]+)(?::([^()]*))?\)")

    def part(found: re.Match[str]) -> str:
        name, detail = found[1], found[2] or ""
        if name == "encode":
            plain = inner.sub(part, detail)
            return base64.b64encode(plain.encode()).decode()
        if name in ALPHABETS:
            return _characters(source, ALPHABETS[name], int(detail))
        if name in _MADE:
            return _MADE[name](source, detail)
        raise ValueError(f"an example has an unknown part {found[0]!r}")

    return re.sub(r"\$\{([A-Za-z0-9]+)(?::([^{}]*))?\}", part, text)


def _characters(source: random.Random, alphabet: str, count: int) -> str:
    return "".join(source.choices(alphabet, k=count))


def _github(source: random.Random, prefix: str) -> str:
    body = _characters(source, BASE62, 30)
    return f"{prefix}{body}{base62_crc32(body)}"


def _aws(source: random.Random, prefix: str) -> str:
    account = source.randrange(10**11, 10**12)
    first = ((1 << 47) | (account << 7) | source.randrange(128)).to_bytes(6, "big")
    return prefix + base64.b32encode(first + source.randbytes(4)).decode()


def _jwt(source: random.Random, _: str) -> str:
    claims = {"sub": str(source.randrange(10**9)), "iss": "https://login.internal", "exp": 2000000000}
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, source.randbytes(32)])


def _pem(source: random.Random, label: str) -> str:
    """As OpenSSL writes it, in lines of 64 characters."""
    text = _key(source, label)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _key(source: random.Random, label: str) -> str:
    """DER of a version and random numbers, or OpenSSH's form with random parts, in base 64."""
    if label.startswith("OPENSSH"):
        key = b"".join(length_prefixed(part) for part in (b"none", b"none", b""))
        key = b"openssh-key-v1\0" + key + (1).to_bytes(4, "big") + length_prefixed(source.randbytes(51)) * 2
    elif label.startswith("EC"):
        key = _der(0x30, _der(2, b"\x01") + _der(4, source.randbytes(32)))
    elif label.startswith(("RSA", "DSA")):
        key = _der(0x30, _der(2, b"\0") + b"".join(_der(2, b"\x01" + source.randbytes(63)) for _ in range(8)))
    elif label.startswith("ENCRYPTED"):
        pbes2 = _der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")
        key = _der(0x30, _der(0x30, pbes2) + _der(4, source.randbytes(120)))
    else:
        ed25519 = _der(0x30, _der(6, b"\x2b\x65\x70"))
        key = _der(0x30, _der(2, b"\0") + ed25519 + _der(4, _der(4, source.randbytes(32))))
    return base64.b64encode(key).decode()


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + size + content


def _uuid(source: random.Random, _: str) -> str:
    made = _characters(source, ALPHABETS["hex"], 32)
    return f"{made[:8]}-{made[8:12]}-4{made[13:16]}-{source.choice('89ab')}{made[17:20]}-{made[20:]}"


def _bech32(source: random.Random, name: str) -> str:
    bits = int.from_bytes(source.randbytes(32), "big") << 4
    values = [(bits >> shift) & 31 for shift in range(255, -1, -5)]
    rest = bech32_checksum(name.lower(), [*values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [(rest >> shift) & 31 for shift in range(25, -1, -5)]
    text = f"{name}1" + "".join(BECH32[value] for value in values)
    return text.upper() if name.isupper() else text


def _grafana(source: random.Random, name: str) -> str:
    return _encoded({"k": _characters(source, BASE62, 32), "n": name, "id": 1})


def _mapbox(source: random.Random, kind: str) -> str:
    inner = _encoded({"u": "cartographer", "a": _characters(source, ALPHABETS["lowernum"], 25)}).rstrip("=")
    return f"{kind}.{inner}.{_characters(source, ALPHABETS['base64url'], 22)}"


def _dockerconfig(source: random.Random, _: str) -> str:
    password = _characters(source, BASE62, 20)
    auth = base64.b64encode(f"robot:{password}".encode()).decode()
    return _encoded({"auths": {"registry.internal": {"username": "robot", "password": password, "auth": auth}}})


def _encoded(value: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


_MADE: dict[str, Callable[[random.Random, str], str]] = {
    "github": _github,
    "aws": _aws,
    "jwt": _jwt,
    "pem": _pem,
    "uuid": _uuid,
    "der": _key,
    "bech32": _bech32,
    "grafana": _grafana,
    "mapbox": _mapbox,
    "dockerconfig": _dockerconfig,
}
