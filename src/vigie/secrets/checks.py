"""Tests of structure and checksums: whether a text that looks like a credential can be one.

A check takes the secret and says what it found; `holds` is None where nothing speaks for or against it. None of them
asks anybody. The sources stand at each.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from msgspec import Struct

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
LONGEST = 64 * 1024
"""Characters of a secret that a check looks at."""
SHORTEST_KEY = 32
"""Bytes of the contents of a private key: one of 256 bits, and nothing around it."""


class Outcome(Struct, frozen=True):
    """What a check found. says: in words, for the reason of a finding's confidence. facts: what stands in the secret
    without being secret (`account`, `issuer`). impossible: it cannot be a credential, whatever its provider does."""

    holds: bool | None
    says: str
    facts: dict[str, str] = {}
    impossible: bool = False


Check = Callable[[str], Outcome]


def github(secret: str) -> Outcome:
    """The last six characters are the CRC-32 of the thirty after the prefix, in base 62 (GitHub's blog, 2021-04-05,
    "Behind GitHub's new authentication token formats"; npm took it over)."""
    body = secret.rpartition("_")[2]
    if len(body) != 36:
        return Outcome(None, "a length without a checksum that is documented")
    if base62_crc32(body[:30]) == body[30:]:
        return Outcome(True, "its checksum is right")
    return Outcome(False, "its checksum is wrong")


def base62_crc32(text: str) -> str:
    """The CRC-32 of a text as six digits of base 62, 0-9 A-Z a-z."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


def aws_access_key_id(secret: str) -> Outcome:
    """Sixteen characters of base 32 whose first bits are the account's number (T. Be'ery, "A short note on AWS KEY ID",
    2023). Ids made before 2019 have another meaning there, so that a number without sense speaks against nothing."""
    try:
        first = base64.b32decode(secret[4:20].encode())[:6]
    except ValueError:
        return Outcome(False, "it is no base 32")
    if not first or not first[0] & 0x80:
        return Outcome(None, "it has the form of ids made before 2019, or none")
    account = (int.from_bytes(first, "big") & 0x7FFFFFFFFF80) >> 7
    if account >= 10**12:
        return Outcome(False, "the account number in it has more than 12 digits")
    return Outcome(True, f"it belongs to account {account:012d}", {"account": f"{account:012d}"})


def jwt(secret: str) -> Outcome:
    """A header that is a JSON object with `alg`, and claims that are a JSON object (RFC 7519; RFC 7515 §4.1.1)."""
    parts = secret.split(".")
    header = _json_object(parts[0])
    if header is None or not isinstance(header.get("alg"), str):
        return Outcome(False, "its header is no JSON object with an algorithm", impossible=True)
    if "enc" in header:
        return Outcome(True, "an encrypted token with a header that can be read")
    claims = _json_object(parts[1]) if len(parts) > 1 else None
    if claims is None:
        return Outcome(False, "its claims are no JSON object", impossible=True)
    if header["alg"].lower() == "none":
        return Outcome(False, "it is not signed (alg none)")
    if claims in ({"foo": "bar"}, {"some": "payload"}, {"hello": "world"}):
        return Outcome(False, "its claims are those of examples", impossible=True)
    if not claims.keys() & {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}:
        return Outcome(False, "its claims name neither issuer, subject nor times, as in examples")
    facts = {name: str(claims[key])[:200] for key, name in (("iss", "issuer"), ("exp", "expires")) if key in claims}
    return Outcome(True, "its header and claims can be read", facts)


def private_key(secret: str) -> Outcome:
    """What stands between the markers of PEM (RFC 7468; they may be there): DER of the outer form of a key (RFC 5208,
    5915, 8017), OpenSSH's own form (PROTOCOL.key in its source), or an OpenPGP packet of a secret key (RFC 9580
    §5.5.1.3). Line ends may be written as `\\n`, and the lines be those of a program's text."""
    text = re.sub(r"-----(?:BEGIN|END) [0-9A-Z ]{0,60}-----", "\n", secret[:LONGEST])
    text = text.replace("\\r", "").replace("\\n", "\n")
    lines = [line.strip(" \t\r\"'`+,.;#*|()\\") for line in text.splitlines()]
    body = "".join(line for line in lines if ":" not in line and not line.startswith("="))
    key = _base64(re.sub(r"[^0-9A-Za-z+/]", "", body))
    if len(key) < SHORTEST_KEY:
        return Outcome(False, "what stands between its markers is too short for a key", impossible=True)
    if "4,ENCRYPTED" in text:
        return Outcome(True, "an encrypted private key: it is as safe as its passphrase")
    if key.startswith(b"openssh-key-v1\0"):
        plain = key[15:].startswith(length_prefixed(b"none"))
        return Outcome(True, "a private key of OpenSSH" if plain else "a private key of OpenSSH with a passphrase")
    if key[:1] == b"\x30":
        return _der_key(key)
    tag = key[0] & 0x3F if key[0] & 0x40 else (key[0] & 0x3C) >> 2
    if key[0] & 0x80 and tag in {5, 7}:
        return Outcome(True, "an OpenPGP secret key")
    return Outcome(False, "its contents do not have the form of a private key")


def _der_key(key: bytes) -> Outcome:
    """A SEQUENCE, nearly as long as what is there, that begins with a small INTEGER, the version; or, encrypted, with
    the SEQUENCE of an algorithm."""
    header, length = _der_header(key)
    if not 0 <= header + length <= len(key) + 16:
        return Outcome(False, "its contents are cut, or are not in the form of a private key")
    inner = key[header:]
    if inner[:2] == b"\x02\x01" and inner[2] <= 4 and inner[3] in b"\x02\x04\x30":
        return Outcome(True, "its contents have the form of a private key")
    if inner[:1] == b"\x30" and inner[2:3] == b"\x06":
        return Outcome(True, "an encrypted private key: it is as safe as its passphrase")
    return Outcome(False, "its contents do not have the form of a private key")


def length_prefixed(content: bytes) -> bytes:
    """A string of the SSH protocol (RFC 4251 §5)."""
    return len(content).to_bytes(4, "big") + content


def _der_header(data: bytes) -> tuple[int, int]:
    """Bytes of the header and length of the content of the first element; a length of -1 when it is none."""
    if data[1] < 0x80:
        return 2, data[1]
    count = data[1] & 0x7F
    if not 1 <= count <= 3:
        return 0, -1
    return 2 + count, int.from_bytes(data[2 : 2 + count], "big")


def azure_storage_key(secret: str) -> Outcome:
    """64 bytes in base 64; since 2021 with the signature `+ASt` in characters 77 to 80 (Microsoft, sensitive
    information type "Azure storage account key")."""
    if secret[76:80] == "+ASt":
        return Outcome(True, "it bears the mark of a storage account's key")
    return Outcome(None, "it has the length of a storage account's key")


def _of_bytes(secret: str, count: int, says: str) -> Outcome:
    try:
        decoded = base64.b64decode(secret.encode(), validate=True)
    except ValueError:
        return Outcome(False, "it is no base 64")
    return Outcome(len(decoded) == count, says)


def azure_signature(secret: str) -> Outcome:
    """A shared access signature ends in an HMAC-SHA256 in base 64, its `+/=` in percent signs."""
    from urllib.parse import unquote

    return _of_bytes(unquote(secret.rpartition("sig=")[2]), 32, "its signature has 32 bytes")


def docker_auth(secret: str) -> Outcome:
    """`auth` in Docker's config.json is base 64 of `user:password`."""
    try:
        user, colon, password = base64.b64decode(secret.encode(), validate=True).decode().partition(":")
    except ValueError:
        return Outcome(False, "it is no base 64 of a text")
    if not (colon and user and password):
        return Outcome(False, "it is no base 64 of user:password")
    return Outcome(True, "it is user:password in base 64", {"user": user[:100]})


def docker_config(secret: str) -> Outcome:
    """Docker's config.json in base 64: registries with credentials under `auths`, or at the top in the older form."""
    config = _json_object(secret)
    if config is None:
        return Outcome(None, "it begins as Docker's configuration does and is cut")
    auths = config.get("auths", config)
    entries = auths.items() if isinstance(auths, dict) else ()
    named = [name for name, entry in entries if isinstance(entry, dict) and {"auth", "password"} & entry.keys()]
    if not named:
        return Outcome(False, "no credentials are in it", impossible=True)
    return Outcome(True, "it holds credentials of registries", {"registries": ", ".join(named)[:200]})


def discord(secret: str) -> Outcome:
    """The first part is the bot's number, 17 to 20 digits, in base 64 (Discord, "Reference", snowflakes)."""
    number = _base64(secret.partition(".")[0])
    if number.isdigit() and 17 <= len(number) <= 20:
        return Outcome(True, f"it belongs to the bot {number.decode()}", {"bot": number.decode()})
    return Outcome(False, "its first part is not the number of a bot")


def mapbox(secret: str) -> Outcome:
    """The middle part is JSON with the user (`u`) and the token's id (`a`)."""
    inner = _json_object("".join(secret.split(".")[1:2]))
    if inner is None or not isinstance(inner.get("u"), str):
        return Outcome(False, "it names no user")
    return Outcome(True, f"it belongs to the user {inner['u'][:60]}", {"user": inner["u"][:60]})


def grafana_api_key(secret: str) -> Outcome:
    """JSON in base 64 with the key (`k`), its name (`n`) and the organisation's number (`id`)."""
    inner = _json_object(secret)
    if inner is None or not inner.keys() >= {"k", "n", "id"}:
        return Outcome(False, "it is no JSON with a key and its name")
    return Outcome(True, "it holds a key and its name", {"name": str(inner["n"])[:60]})


def bech32(secret: str) -> Outcome:
    """The last six characters are a checksum (BIP 173)."""
    name, _, data = secret.lower().rpartition("1")
    if any(one not in BECH32 for one in data):
        return Outcome(False, "it has characters that Bech32 has not")
    if bech32_checksum(name, [BECH32.index(one) for one in data]) == 1:
        return Outcome(True, "its checksum is right")
    return Outcome(False, "its checksum is wrong")


def bech32_checksum(name: str, values: list[int]) -> int:
    """BIP 173's polynomial over the name and the five-bit values: 1 when the last six of them are the checksum."""
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    whole = [ord(one) >> 5 for one in name] + [0] + [ord(one) & 31 for one in name] + values
    checksum = 1
    for value in whole:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(generators):
            checksum ^= generator if (top >> bit) & 1 else 0
    return checksum


def pypi(secret: str) -> Outcome:
    """A macaroon in base 64 for pypi.org or test.pypi.org (PyPI, "API tokens"; libmacaroons, format 2)."""
    macaroon = _base64(secret.removeprefix("pypi-"))
    if macaroon[:2] != b"\x02\x01" or len(macaroon) < 4:
        return Outcome(False, "it is no macaroon")
    location = macaroon[3 : 3 + macaroon[2]].decode("latin-1")
    if location not in {"pypi.org", "test.pypi.org"}:
        return Outcome(False, "it is a macaroon for another place")
    return Outcome(True, f"it is a token for {location}", {"location": location})


def uuid4(secret: str) -> Outcome:
    """A random UUID has version 4 and variant 8, 9, a or b (RFC 9562 §5.4)."""
    version, variant = secret[14:15], secret[19:20].lower()
    if version == "4" and variant in {"8", "9", "a", "b"}:
        return Outcome(None, "it is a random UUID, which is how this provider's keys look")
    return Outcome(False, "it is a UUID that is not random, and this provider's keys are")


def stripe(secret: str) -> Outcome:
    """`sk_live_` and `rk_live_` move real money, `_test_` does not (Stripe, "API keys")."""
    if "_test_" in secret:
        return Outcome(None, "it is for Stripe's test mode", {"mode": "test"})
    return Outcome(None, "it is for live payments", {"mode": "live"})


def slack(secret: str) -> Outcome:
    """Tokens of bots and users hold the numbers of the team and the member: `xoxb-<team>-<member>-<secret>`."""
    parts = secret.split("-")
    if len(parts) >= 4 and parts[1].isdigit() and len(parts[-1]) >= 24:
        return Outcome(True, f"it has the parts of a token of Slack, team {parts[1]}", {"team": parts[1]})
    return Outcome(None, "it has the prefix of a token of Slack")


def grafana_service_account(secret: str) -> Outcome:
    """`glsa_<32 characters>_<CRC-32 in hex>` of all before the last underscore (Grafana's source, `satokengen`)."""
    before, _, crc = secret.rpartition("_")
    if crc.lower() == f"{zlib.crc32(before.encode()):08x}":
        return Outcome(True, "its checksum is right")
    return Outcome(None, "its checksum is not the one that is known")


def mailchimp(secret: str) -> Outcome:
    """A hyphen and the data centre (`us14`) end the key (Mailchimp, "About API keys")."""
    centre = secret.rpartition("-")[2]
    return Outcome(None, f"it names the data centre {centre}", {"data centre": centre})


_DEFAULTS = (
    r"(?i)^(?:my|your|some|the|db|database|test|user|root|admin|super|default|initial|old|new|not[-_.]?(?:so|a)|client|proxy|repo"
    r"|(?:[a-z]{2,12}(?=[-_.](?:pass|password|secret|token)$)))?[-_.]?"
    r"(?:pass|passwd|password|passphrase|pwd|passwort|secret|token|key|value|string|hunter2|p@ssw0rd|pa\$\$word|letmein"
    r"|guest|root|admin|administrator|postgres|postgresql|mysql|mariadb|redis|rabbitmq|mongo|mongodb|oracle|user|username"
    r"|login|docker|vagrant|minio|minioadmin|changeit|dev|develop|development|local|localhost|prod|production|staging"
    r"|android|ignored|(?:open)?sesame|p(?:a|%40|@)[s$]{2}w[o0]rd|pa%[0-9A-F]{2}sword|x-oauth-basic|x-access-token|toor|tiger|scott|foo|bar|baz|qux|abc|xyz|credentials?|none|null|nil|true|false|empty|blank|host|anything)"
    r"[-_.]?(?:[0-9!]{0,6}|here|hash|string|value|word|key)$"
)


def password(secret: str) -> Outcome:
    """A password that a person or a generator chose, not the word for it or one that every installation has at first,
    and no other address or expression that a wide expression ran into."""
    if re.search(_DEFAULTS, secret[:100]):
        return Outcome(False, "it is a default, or the word for a password", impossible=True)
    if re.search(r"(?i)\b(?:leave (?:it )?empty|if not (?:used|needed))\b", secret[:200]):
        return Outcome(False, "it says what is to be written there", impossible=True)
    if re.search(
        r"://|\(\)|[({]\w*\.|%[sdvr]$|^[:%&.*~|]|^\+\W|^\{\w+\}|\w\.(?:pass(?:word|wd)?|secret|token|key)$",
        secret[:200],
    ):
        return Outcome(False, "it is part of an expression or of an address", impossible=True)
    return Outcome(None, "it stands where a password stands")


def basic(secret: str) -> Outcome:
    """Credentials of HTTP's basic scheme: base64 of user:password (RFC 7617), with a password worth the name."""
    given = docker_auth(secret)
    if not given.holds:
        return Outcome(False, given.says, impossible=True)
    inner = password(base64.b64decode(secret).decode().partition(":")[2])
    return inner if inner.impossible else given


def mixed(secret: str) -> Outcome:
    """A value that a generator made, where nothing but a name says that it is one: its characters change their kind
    (upper, lower, digit) more often than those of words, paths, versions and names in dots do.

    Of random letters and digits 62 in 100 neighbours differ in kind, of random hex digits 47; of words under 20."""
    if (given := password(secret)).impossible:
        return given
    if _in_words(secret):
        return Outcome(False, "it is made of words", impossible=True)
    inner = _base64(secret).decode("ascii", "replace").strip()
    if len(inner) >= 8 and inner.isprintable() and inner.isascii() and (_in_words(inner) or password(inner).impossible):
        return Outcome(False, "it is base 64 of words", impossible=True)
    kinds = ["u" if one.isupper() else "l" if one.islower() else "d" if one.isdigit() else "s" for one in secret]
    changes = sum(one != other and "s" not in {one, other} for one, other in pairwise(kinds))
    if changes < (len(secret) - 1) * 0.19:
        return Outcome(False, "its characters are in the order of words", impossible=True)
    parts = re.split(r"[-_./:]", secret)
    if len(parts) > 2 and max(map(len, parts)) < 10:
        return Outcome(False, "it is a name of several parts", impossible=True)
    return Outcome(None, "letters and digits are mixed in it, as a generator does")


def _in_words(text: str) -> bool:
    """Letters alone, in parts that begin with a capital or stand apart, most of which can be spoken: a generator hardly
    makes that."""
    text = re.sub(r"^[AI](?=[A-Z][a-z])", "", text)  # IAmSensitive
    if len(text) < 11 or re.search(r"[^A-Za-z _.:/-]|[A-Z][A-Z _.:/-]|[A-Z]$", text):
        return False
    parts = re.findall(r"[A-Z]?[a-z]+", text)
    spoken = sum(bool(re.search(r"(?i)[aeiouy]", part)) for part in parts)
    return spoken >= len(parts) - 1 and len(text) >= 3 * len(parts)


def _json_object(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(_base64(part[:LONGEST]))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _base64(text: str) -> bytes:
    """Of either alphabet, with or without padding; a rest that is too short for a byte is left out. Empty when not."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return binascii.a2b_base64(plain.encode() + b"=" * (-len(plain) % 4), strict_mode=True)
    except ValueError:
        return b""


CHECKS: dict[str, Check] = {
    "aws-access-key-id": aws_access_key_id,
    "azure-signature": azure_signature,
    "azure-storage-key": azure_storage_key,
    "basic": basic,
    "bech32": bech32,
    "discord": discord,
    "docker-auth": docker_auth,
    "docker-config": docker_config,
    "github": github,
    "grafana-api-key": grafana_api_key,
    "grafana-service-account": grafana_service_account,
    "jwt": jwt,
    "mailchimp": mailchimp,
    "mapbox": mapbox,
    "mixed": mixed,
    "password": password,
    "private-key": private_key,
    "pypi": pypi,
    "slack": slack,
    "stripe": stripe,
    "uuid4": uuid4,
}
"""By the name that a rule gives."""
