"""Makes files that are full of what looks like secrets and is none: what every project has, the same in every run.

Some stand beside the name of a provider, for each rule: places to fill, variables, examples of documentation. The
others are what programs write: hashes, identifiers, lock files, public keys, test vectors, pictures, minified code.
"""

from __future__ import annotations

import base64
import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

from planted import named, split, styles

from vigie.secrets.rules import SecretRule

_TEXT = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et "
    "dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex "
    "ea commodo consequat token password secret key account session user client request header cache "
    "index buffer stream value parse render"
)
WORDS = _TEXT.split()
ROWS = 40
"""Lines of a kind in one file."""


class LookAlike(NamedTuple):
    """A file in which nothing is secret. kind: of what it is full."""

    kind: str
    path: str
    content: bytes


def look_alikes(rules: tuple[SecretRule, ...]) -> Iterator[LookAlike]:
    """Files of all kinds: some for each rule, and some that are about none."""
    for rule in rules:
        for number, example in enumerate(rule.examples):
            if named(rule, example) == "name":
                name, value = split(example, "name")
                lines = [how.format(value=fake, **styles(name)) for fake, how in _places(name, value)]
                yield LookAlike("places to fill", f"{rule.id}/{number}/settings.txt", "\n".join(lines).encode())
        prefix = next((word for word in rule.keywords if word[-1:] in "_-" and len(word) > 3), "")
        if prefix:
            fakes = (
                f"{prefix}{'x' * 36}",
                f"{prefix}...",
                f"{prefix}your_token_here",
                f"{prefix}<token>",
                f"{prefix}${{ID}}",
            )
            lines = [
                f'TOKEN = "{fake}"' for fake in (*fakes, f"{prefix}{'0' * 40}", f"{prefix}EXAMPLE_EXAMPLE_EXAMPLE")
            ]
            yield LookAlike("prefix with nothing", f"{rule.id}/prefix/settings.py", "\n".join(lines).encode())
    for kind, (path, line) in KINDS.items():
        for seed in range(5):
            source = random.Random(f"{kind}/{seed}")
            lines = [line(source) for _ in range(ROWS)]
            yield LookAlike(kind, f"{kind.replace(' ', '-')}/{seed}/{path}", "\n".join(lines).encode())


def _places(name: str, value: str) -> Iterator[tuple[str, str]]:
    size = max(20, len(value))
    upper = styles(name)["upper"]
    for fake in (
        f"${{{upper}}}",
        f"${upper}",
        f"%{upper}%",
        f"your_{styles(name)['snake']}_here",
        f"<{styles(name)['kebab']}>",
        "x" * size,
        "X" * 32,
        "0" * 32,
        "*" * 16,
        "changeme",
        f"{{{{ .Values.{styles(name)['camel']} }}}}",
        f"${{{{ secrets.{upper} }}}}",
        f"my-{styles(name)['kebab']}-example-value",
        "0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz012345",
        "REDACTED",
    ):
        yield fake, '{upper}="{value}"'
        yield fake, "  {snake}: {value}"
    for expression in (
        f'process.env.{upper} || ""',
        f'os.environ["{upper}"]',
        f'os.Getenv("{upper}")',
        f"settings.{styles(name)['camel']}.fromEnvironment()",
        f"get{styles(name)['pascal']}FromVault(path)",
        f"var.{styles(name)['snake']}",
        "None",
        "undefined",
    ):
        yield expression, "{snake} = {value}"
        yield expression, "const {camel} = {value};"


def _hash(name: str) -> Callable[[random.Random], str]:
    return lambda source: hashlib.new(name, source.randbytes(16), usedforsecurity=False).hexdigest()


def _base64(source: random.Random, size: int) -> str:
    return base64.b64encode(source.randbytes(size)).decode()


def _word(source: random.Random) -> str:
    return source.choice(WORDS)


def _camel(source: random.Random) -> str:
    return _word(source) + "".join(_word(source).capitalize() for _ in range(source.randrange(2, 6)))


def _minified(source: random.Random) -> str:
    short = "".join(source.choices(string.ascii_letters, k=400))
    parts = [short[at : at + 2] for at in range(0, 400, 2)]
    return ";".join(f"{one}.{_camel(source)}=function({one}){{return {one}[{source.randrange(99)}]}}" for one in parts)


def _uuid(source: random.Random) -> str:
    return str(uuid.UUID(bytes=source.randbytes(16), version=4))


md5, sha1, sha256, sha512 = _hash("md5"), _hash("sha1"), _hash("sha256"), _hash("sha512")

KINDS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "hashes of files": ("SHA256SUMS", lambda s: f"{sha256(s)}  {_word(s)}-1.{s.randrange(9)}.tar.gz"),
    "hashes in code": (
        "hashes.py",
        lambda s: f'    "{_word(s)}_{s.randrange(99)}": "{s.choice((md5, sha1, sha256))(s)}",',
    ),
    "hashes with a name": ("vectors.py", lambda s: f'{_word(s)}_{s.choice(("md5", "sha1", "digest"))} = "{sha1(s)}"'),
    "git object ids": ("log.txt", lambda s: f"commit {sha1(s)} {_word(s)} {_word(s)} token for api key"),
    "pins of actions": ("ci.yaml", lambda s: f"      - uses: {_word(s)}/{_word(s)}@{sha1(s)} # v{s.randrange(9)}"),
    "npm lock": ("npm.lock.json", lambda s: f'      "integrity": "sha512-{_base64(s, 64)}",'),
    "yarn lock": ("yarn.txt", lambda s: f'  resolved "https://registry.npmjs.org/{_word(s)}/-/x-1.0.tgz#{sha1(s)}"'),
    "go sums": ("sums.txt", lambda s: f"github.com/{_word(s)}/{_word(s)} v1.{s.randrange(40)}.0 h1:{_base64(s, 32)}"),
    "python lock": ("requirements.txt", lambda s: f"    --hash=sha256:{sha256(s)} \\"),
    "cargo lock": ("cargo.toml", lambda s: f'name = "{_word(s)}-token"\nchecksum = "{sha256(s)}"'),
    "docker digests": ("compose.yaml", lambda s: f"    image: registry.internal/{_word(s)}@sha256:{sha256(s)}"),
    "identifiers": ("rows.sql", lambda s: f"INSERT INTO keys VALUES ('{_uuid(s)}', '{_word(s)}', '{_uuid(s)}');"),
    "identifiers with names": ("ids.yaml", lambda s: f"{_word(s)}Id: {_uuid(s)}\ntrace_id: {md5(s)}"),
    "public keys": (
        "authorized",
        lambda s: f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC{_base64(s, 270)} {_word(s)}@host",
    ),
    "known hosts": (
        "hosts",
        lambda s: f"|1|{_base64(s, 20)}|{_base64(s, 20)} ssh-ed25519 AAAAC3NzaC1lZDI1{_base64(s, 39)}",
    ),
    "certificates": (
        "chain.txt",
        lambda s: (
            "-----BEGIN CERTIFICATE-----\n"
            + "\n".join("MII" + _base64(s, 45)[:61] for _ in range(6))
            + "\n-----END CERTIFICATE-----"
        ),
    ),
    "pictures": ("style.css", lambda s: f".icon{{background:url(data:image/png;base64,iVBORw0KGgo{_base64(s, 600)})}}"),
    "source maps": (
        "app.map",
        lambda s: '"mappings":"' + ";".join("".join(s.choices("ACEGIKMOQSU", k=4)) for _ in range(60)),
    ),
    "minified": ("lib.min.js", _minified),
    "names in code": ("names.ts", lambda s: f"export const {_camel(s)}: string = '{_camel(s)}';"),
    "names of keys": ("keys.py", lambda s: f'{_word(s).upper()}_KEY = "{_word(s)}.{_word(s)}.{_camel(s)}"'),
    "labels": ("labels.properties", lambda s: f"login.password.label={_word(s).title()} {_word(s)} {_word(s)}"),
    "types": (
        "types.go",
        lambda s: f'\t{_word(s).title()}Token string `json:"{_word(s)}Token,omitempty" yaml:"{_camel(s)}"`',
    ),
    "calls": ("calls.py", lambda s: f"password = {_camel(s)}({_word(s)}, secret=self.{_camel(s)})"),
    "lorem": ("text.txt", lambda s: " ".join(_word(s) for _ in range(14)).capitalize() + "."),
    "test vectors": (
        "vectors.txt",
        lambda s: f"Count = {s.randrange(99)}\nKey = {sha256(s)}\nPT = {sha512(s)}\nCT = {sha256(s)}",
    ),
    "dumps": (
        "dump.txt",
        lambda s: f"{s.randrange(99999):08x}  " + " ".join(f"{byte:02x}" for byte in s.randbytes(16)),
    ),
    "bytes in code": ("table.c", lambda s: "    " + " ".join(f"0x{byte:02x}," for byte in s.randbytes(16))),
    "vectors of drawings": (
        "icons.svg",
        lambda s: '<path d="M' + " ".join(f"{s.uniform(0, 24):.3f}" for _ in range(30)) + '"/>',
    ),
    "addresses": ("links.txt", lambda s: f"https://cdn.internal/{_word(s)}/{md5(s)}/{_word(s)}.js?v={sha1(s)[:10]}"),
    "addresses with places": ("urls.yaml", lambda s: f"url: postgres://user:password@localhost:5432/{_word(s)}"),
    "addresses with variables": ("urls.sh", lambda s: f'curl "https://$USER:$TOKEN@{_word(s)}.internal/{_word(s)}"'),
    "numbers": ("numbers.csv", lambda s: ",".join(str(s.randrange(10**15, 10**17)) for _ in range(6))),
    "events": ("events.log", lambda s: f'{{"request_id":"{_uuid(s)}","span":"{md5(s)[:16]}","etag":"{md5(s)}"}}'),
    "names of objects": (
        "objects.txt",
        lambda s: f"arn:aws:iam::{s.randrange(10**11, 10**12)}:user/{_word(s)} AIDA{_word(s).upper()}",
    ),
    "translations": (
        "de.po",
        lambda s: f'msgid "{_word(s)} password: {_word(s)}"\nmsgstr "Kennwort: {_word(s)} {_word(s)}"',
    ),
}
"""By what they are: the file's name, and how a line is made."""
