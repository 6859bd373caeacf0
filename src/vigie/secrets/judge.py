"""How sure it is that a text which looks like a credential is one.

First what speaks against it altogether: places that somebody is to fill, examples of documentation, templates, texts
that nobody would get from a generator. What is left has a confidence: high where a checksum or a structure held, or the
provider's prefix leaves no doubt; medium where the form fits; low where the form is that of many other things.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from vigie.secrets.checks import CHECKS
from vigie.secrets.rules import SecretRule

Confidence = Literal["low", "medium", "high"]

LONGEST = 16 * 1024
"""Characters of a secret that are looked at: certificates and keys are the longest."""
SHORTEST_RUN = 8
"""Characters of one kind in a row, or counting up or down, in what a person typed to fill a place."""
FEWEST_LETTERS = 5
"""Different characters in twenty or more: a generator gives more."""

KNOWN = {
    "577cfe66bf6c95dd": "AWS DataSync's documentation",
    "1a5d44a2dca19669": "AWS's documentation",
    "c6ea27c534f993d3": "AWS's documentation",
    "cb20d34a7adda2f5": "AWS's documentation",
    "78314b11be2e5815": "AWS's documentation",
    "e21b597ba6b9cafa": "AWS's documentation",
    "7f75367e78812551": "jwt.io",
    "da816f9f2c16e6c5": "jwt.io",
    "2cafc0970149a84f": "Stripe's documentation",
    "f2d6ca16515033e5": "Stripe's documentation",
    "b1471f544ceeea31": "Stripe's documentation",
    "5895b89c8fb33402": "Stripe's documentation",
    "0011cc25eb432071": "Azure's storage emulator, where it is fixed",
    "aa6547439583c3a2": "Azure's Cosmos DB emulator, where it is fixed",
    "976b57ee8acdfcf4": "an article about GitHub's checksums",
    "6c96130f130ab0d6": "RFC 6749",
    "ca7459e2b26776de": "RFC 6749",
    "00cf4c781dc37003": "RFC 6749",
}
"""Values that stand in documentation: the first 16 hex digits of their SHA-256, and where they stand."""

_FILLED_IN_LATER = (
    # ${X} $X $(…) {{x}} {x} <x> %x% %(x)s [x] @x@ __X__ #{x}, and calls that get the value from elsewhere
    r"^(?:\$\{.*\}?|\$[A-Za-z_]\w*|\$\(.*|\{\{.*|\{[\w.\- ]{0,40}\}?|<[^>]*>?|%[\w.]+%|%\(\w+\)s|\[[^\]]*\]|@[\w.]+@"
    r"|__\w+__|#\{.*|<%.*|\*{3,}|\.{3,}|(?:process\.env|os\.environ|os\.getenv|getenv|env|secrets|vars?|config|settings|vault"
    r"|data|local|module|params?|self|this)[.\[(:].*)$"
    r"|\$\{\{? ?[\w.-]+|\{\{[^}]{0,200}\}\}|<[A-Za-z][\w .:-]{0,100}>|%[A-Z][A-Z0-9_]{2,}%"
)
_WORDS = (
    # Long enough never to come from a generator by chance …
    r"(?i)example|change[_-]?me|change[_-](?:this|it)|place[_-]?holder|redacted|abcdefgh|12345678|(?:deadbeef){2}|x{6,}"
    r"|0{10,}|\*{5,}|not[_-]?a?[_-]?(?:real|valid)|(?:secret|token|key|password|value)[_-]?(?:goes[_-]?)?here"
    r"|(?:your|(?<![0-9A-Za-z])(?:my|some|the))[_-]?(?:own|secret|token|api[_-]?|key|password|access)(?:$|[^0-9])"
    # … and shorter ones as a word of their own
    r"|(?:^|[_. -])(?:dummy|sample|fake|masked|insert|replace|your|todo|fixme|foo|bar|foobar|undefined|none|null|nil)"
    r"(?:$|[_. -])"
)
_PUBLIC = r"-----BEGIN (?:RSA |EC |DSA )?(?:PUBLIC KEY|CERTIFICATE)|^ssh-(?:rsa|dss|ed25519) |^ecdsa-sha2-"
_NAME = (
    r"^(?=.{20})(?:[a-z]+|[A-Za-z][a-z]+(?:[A-Z][a-z]+){2,}|[a-z]+(?:[_-][a-z]+){2,}|[A-Z]+(?:_[A-Z]+){2,})[0-9]{0,2}$"
)
_UNSPOKEN = r"[b-df-hj-np-tv-xz]{6}"
_UUID = r"(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_HASH = r"(?i)^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$"
_HASH_NAME = (
    r"(?i)(?:sha-?(?:1|224|256|384|512)|md5|digest|checksum|hash|etag|commit|revision|integrity|fingerprint|thumbprint"
    r"|uuid|guid|serial|request[_-]?id|trace[_-]?id|span[_-]?id)[\"' ]{0,3}(?:[=:]{1,2}|-)[\"' ]{0,3}$"
)

_IN_A_LIST = r""",\s*(["'])[\w.-]{1,40}\1\s*,\s*["']$"""


class Judgement(Struct, frozen=True):
    """reason: one part of a sentence, why the confidence is what it is. noise: it is none, and is shown among the
    suppressed ones only. facts: what the check read in it."""

    confidence: Confidence
    reason: str
    noise: bool = False
    facts: dict[str, str] = {}


def judge(rule: SecretRule, secret: str, before: str = "") -> Judgement:
    """What a match is worth. before: the text on its line before the secret, which tells the name it has."""
    secret = secret[:LONGEST]
    if rule.origin:
        return _of_users_rule(rule, secret)
    prefixed = has_prefix(rule, secret)
    if reason := placeholder(without_prefix(rule, secret) if prefixed else secret) or _known(secret):
        return _noise(reason)
    if not prefixed and _pattern(_HASH_NAME).search(before[-80:]):
        return _noise("its name says that it is a hash or an id")
    if generic(rule) and _pattern(_IN_A_LIST).search(before[-80:]):
        return _noise("it is an element of a list, and so is the name before it")
    if before.endswith((f"//{secret}:", f"//{secret}@")):
        return _noise("it is the same as the name of the user")
    if rule.entropy and (bits := entropy(secret)) < rule.entropy:
        return _noise(f"{bits:.1f} bits per character are too few for a secret that was generated")
    if rule.entropy and _pattern(_NAME).search(secret) and not _pattern(_UNSPOKEN).search(secret):
        return _noise("it is made of words, as a name in a program is")
    if rule.check:
        outcome = CHECKS[rule.check](secret)
        if outcome.impossible:
            return _noise(outcome.says)
        if outcome.holds:
            return Judgement("high", outcome.says, facts=outcome.facts)
        if outcome.holds is False:
            return Judgement("low", outcome.says, facts=outcome.facts)
        if not rule.entropy:
            return Judgement("high" if prefixed else "medium", outcome.says, facts=outcome.facts)
    if prefixed:
        return Judgement("high", "its prefix is used for this kind of credential alone")
    if not rule.entropy:
        return Judgement("medium", "it has the form of this kind of credential")
    if _pattern(_UUID).search(secret):
        return Judgement("low" if generic(rule) else "medium", "it is a UUID, which may name something else")
    if _pattern(_HASH).search(secret):
        return Judgement("low" if generic(rule) else "medium", "it has the form of a hash, which is no secret")
    if generic(rule):
        return Judgement("low", "its name and its randomness speak for a secret, nothing else does")
    if _beside_a_known_id(rule):
        return Judgement("high", "it stands beside the id of its key")
    return Judgement("medium", f"it stands beside the name of {rule.category} and has the form of its credentials")


def _of_users_rule(rule: SecretRule, secret: str) -> Judgement:
    """Whoever wrote the rule knows what is meant; as in gitleaks there must be more entropy than it says."""
    if rule.entropy and (bits := entropy(secret)) <= rule.entropy:
        return _noise(f"{bits:.1f} bits per character are not more than the {rule.entropy:g} that the rule asks for")
    return Judgement("medium", f"a rule of {rule.origin} says so")


def placeholder(secret: str) -> str:
    """Why a text is no secret, whatever rule found it; empty when nothing says so."""
    if len(set(secret)) <= 1:
        return "all its characters are the same"
    block = secret.startswith("-----BEGIN")
    if not block and _pattern(_FILLED_IN_LATER).search(secret):
        return "it stands for a value that is filled in elsewhere"
    if found := _pattern(_WORDS).search(secret[:400]):
        return f"it says {found[0].strip('_-. ')[:20]!r}, as a text that is to be replaced does"
    if _pattern(_PUBLIC).search(secret):
        return "it is a public key or a certificate"
    body = re.split(r"[_.:-]", secret)[-1] if not block else ""
    if len(body) >= 20 and len(set(body.lower())) < FEWEST_LETTERS:
        return f"only {len(set(body.lower()))} different characters are in it"
    if len(body) >= SHORTEST_RUN and _longest_run(body) >= max(SHORTEST_RUN, len(body) // 3):
        return "its characters follow one another, or are the same"
    if _repeats(body):
        return "it is one short text again and again"
    return ""


def _known(secret: str) -> str:
    where = KNOWN.get(hashlib.sha256(secret.encode(errors="replace")).hexdigest()[:16])
    return f"it is an example from {where}" if where else ""


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits per character."""
    if not text:
        return 0.0
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def has_prefix(rule: SecretRule, secret: str) -> bool:
    """Whether one of the rule's keywords stands in the secret itself: then it is a prefix, not a name beside it. A
    password may hold any word."""
    folded = secret.lower()
    return (
        not rule.entropy
        and rule.check not in {"password", "mixed"}
        and any(word.lower() in folded for word in rule.keywords)
    )


def _beside_a_known_id(rule: SecretRule) -> bool:
    """Whether a rule finds secrets beside ids only that begin as nothing else does (`(?P<key>AKIA…`)."""
    begins = rule.pattern.partition(f"(?P<{rule.id_group}>")[2].removeprefix("(?:")
    return bool(rule.id_group) and begins.startswith(rule.keywords)


def without_prefix(rule: SecretRule, secret: str) -> str:
    """The secret after the keyword it begins with; all of it when it stands elsewhere."""
    folded = secret.lower()
    longest = max((len(word) for word in rule.keywords if folded.startswith(word.lower())), default=0)
    return secret[longest:] or secret


def generic(rule: SecretRule) -> bool:
    """Whether a rule is about assignments of whatever provider."""
    return rule.category.lower() == "generic"


def _longest_run(text: str) -> int:
    """Characters in a row that are the same, or of which each is the next of the one before."""
    longest = run = 1
    step: int | None = None
    for one, other in pairwise(text):
        now = ord(other) - ord(one)
        if abs(now) > 1:
            run, step = 1, None
            continue
        run, step = (run + 1, now) if now == step else (2, now)
        longest = max(longest, run)
    return longest


def _repeats(text: str) -> bool:
    """Whether at least three equal parts of one to eight characters make up the text."""
    return any(
        len(text) >= max(12, size * 3) and text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, 9)
    )


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _noise(reason: str) -> Judgement:
    return Judgement("low", reason, noise=True)
