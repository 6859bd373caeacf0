"""Checks of objects that hold no pods: services, config maps, policies, limits, ingresses, and of API versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import DOCS, cluster, workload
from vigie.misconfig.checks.kubernetes.pods import release
from vigie.misconfig.checks.kubernetes.retired import RETIRED
from vigie.misconfig.languages.kubernetes.objects import Object, mapping, maps, text, texts

LIMIT_FIELDS = frozenset({"type", "max", "min", "default", "defaultRequest"})
QUOTA_FIELDS = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
SECRET_WORDS = "|".join(
    (
        *("password", "pass", "pword", "passphrase", "passwrd", "passwd", "secret", "secretkey", "appsecret"),
        *("clientsecret", "aws_access_key_id", "pswrd", "token", "pwd"),
    )
)
_BORDER = r"(?:[_.-]|(?<=[a-z0-9])(?=[A-Z]))"
"""Between the words of a name: `user_email`, `userEmail`."""
PERSONAL_WORDS = frozenset({"username", "email", "key", "phone", "iban"})
NGINX = "nginx.ingress.kubernetes.io/"
LONGEST = 1 << 20
"""Characters of a config map's value that are read."""


@workload(
    "KSV-0038",
    "network_policy",
    "MEDIUM",
    "selector-usage-in-network-policies",
    "Network policies should select pods or namespaces",
    "A policy that selects nothing protects nothing in particular; one that selects by label says what it is for.",
    "Use `podSelector` or `namespaceSelector`, in the policy or in its rules.",
    DOCS + "concepts/services-networking/network-policies/",
)
def selects(policy: Object) -> Flaws:
    def selector(holder: Any) -> bool:
        return holder.get("podSelector") is not None or holder.get("namespaceSelector") is not None

    rules = ((rule, "from") for rule in maps(policy.spec.get("ingress")))
    outward = ((rule, "to") for rule in maps(policy.spec.get("egress")))
    peers = (peer for rule, side in (*rules, *outward) for peer in maps(rule.get(side)))
    if not selector(policy.spec) and not any(map(selector, peers)):
        yield flaw(f"{policy.subject} selects neither pods nor namespaces.", policy.below(policy.data, "spec"))


@workload(
    "KSV-0039",
    "limit_range",
    "LOW",
    "limit-range-usage",
    "Limit ranges should set all limits",
    "What a limit range leaves open, each container of the namespace may choose for itself.",
    "Give an entry of `limits` its `type`, `max`, `min`, `default` and `defaultRequest`.",
    DOCS + "concepts/policy/limit-range/",
)
def complete_limits(range_: Object) -> Flaws:
    limits = maps(range_.spec.get("limits"))
    if not any(limit.keys() >= LIMIT_FIELDS for limit in limits):
        missing = sorted(LIMIT_FIELDS.difference(*limits))
        what = f"sets no {', '.join(missing)}" if missing else "has no limit with all of its fields"
        yield flaw(f"{range_.subject} {what}.", range_.below(range_.data, "spec"))


@workload(
    "KSV-0040",
    "resource_quota",
    "LOW",
    "resource-quota-usage",
    "Resource quotas should bound requests and limits of CPU and memory",
    "What a quota leaves out, one namespace can take from all others.",
    "Set requests.cpu, requests.memory, limits.cpu and limits.memory in `spec.hard`.",
    DOCS + "concepts/policy/resource-quotas/",
)
def complete_quota(quota: Object) -> Flaws:
    hard = mapping(quota.spec.get("hard"))
    missing = [name for name in QUOTA_FIELDS if name not in hard]
    if missing:
        yield flaw(f"{quota.subject} sets no {', '.join(missing)}.", quota.below(quota.data, "spec", "hard"))


@workload(
    "KSV-0107",
    "object",
    "LOW",
    "evaluate-k8s-deprecated-removed-apis",
    "Objects should use an API version that has a future",
    "Once the cluster's version drops it, the object can no longer be created or changed, often in the middle of an "
    "upgrade.",
    "Move the object to the API version that takes its place.",
    DOCS + "reference/using-api/deprecation-guide/",
)
def current_api(object_: Object) -> Flaws:
    retired = RETIRED.get((object_.api_version, object_.kind))
    if retired is None:
        return
    version = release(object_.version)
    if version is None or version >= retired.deprecated:
        removed = ".".join(map(str, retired.removed))
        instead = f"use '{retired.instead}'" if retired.instead else "nothing takes its place"
        yield flaw(
            f"{object_.subject} uses the API version '{object_.api_version}', which Kubernetes {removed} removed: "
            f"{instead}.",
            object_,
        )


@workload(
    "KSV-0108",
    "service",
    "HIGH",
    "no_svc_with_extip",
    "Services should have no external addresses or names",
    "With an external address a service can take over traffic that is meant for it; an external name leads clients "
    "out of the cluster.",
    "Remove `externalIPs` and `externalName`; publish services by a load balancer or an ingress.",
    DOCS + "concepts/services-networking/service/#external-ips",
    alias="",
)
def no_external_address(service: Object) -> Flaws:
    addresses = texts(service.spec.get("externalIPs"))
    if addresses:
        yield flaw(
            f"{service.subject} takes the external address {', '.join(addresses)}.", service.below(service.data, "spec")
        )
    name = text(service.spec.get("externalName"))
    if name:
        yield flaw(f"{service.subject} stands for the external name '{name}'.", service.below(service.data, "spec"))


@cache
def _secret_key() -> re.Pattern[str]:
    return re.compile(SECRET_WORDS, re.IGNORECASE)


@cache
def _secret_line() -> re.Pattern[str]:
    """A word of these, an equals sign or colon, and a value that is no reference to somewhere else."""
    return re.compile(rf"(?:{SECRET_WORDS})[\"']?[ \t]*[=:][ \t]*[\"']?(?!\$[{{(]|\{{\{{)[^\s\"']", re.IGNORECASE)


def entries(map_: Object) -> Iterator[tuple[str, str]]:
    """Keys and texts of a config map."""
    for key, value in mapping(map_.data.get("data")).items():
        yield key, (value if isinstance(value, str) else "")[:LONGEST]


@workload(
    "KSV-0109",
    "config_map",
    "HIGH",
    "configMap_with_secrets",
    "Config maps should hold no secrets",
    "Config maps are stored and shown as plain text, and many more may read them than secrets.",
    "Move the value to a Secret, or to a store of secrets outside of the cluster.",
    DOCS + "concepts/configuration/secret/",
    alias="",
)
def no_secrets(map_: Object) -> Flaws:
    names = [key for key, value in entries(map_) if _secret_key().search(key) or _secret_line().search(value)]
    if names:
        listed = ", ".join(f"'{name}'" for name in names)
        yield flaw(f"{map_.subject} seems to hold secrets in {listed}.", map_.below(map_.data, "data"))


@cache
def _personal() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """A name of a person's data before an equals sign or colon; mail addresses; digests; numbers of accounts and
    passports. Each with what a text must hold for the search to be worth it."""
    words = "|".join(sorted(PERSONAL_WORDS))
    return (
        ("", re.compile(rf"^[^\S\n]*[\"']?(?:[\w.-]*{_BORDER})?(?i:{words})[\"']?[^\S\n]*[=:]", re.MULTILINE)),
        ("@", re.compile(r"[\w%+-]@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")),
        ("", re.compile(r"\b(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{32}|[A-PR-WY][1-9]\d ?\d{4}[1-9])\b")),
        ("", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b")),
    )


def _is_personal(key: str, value: str) -> bool:
    parts = {part.lower() for part in re.split(_BORDER, key)}
    return not PERSONAL_WORDS.isdisjoint(parts) or any(
        sign in value and pattern.search(value) for sign, pattern in _personal()
    )


@workload(
    "KSV-01010",
    "config_map",
    "MEDIUM",
    "configMap_with_sensitive",
    "Config maps should hold no personal data",
    "Names, addresses and numbers of people lie open to everybody who may read config maps.",
    "Move the value to a Secret, or to a store that is made for it.",
    DOCS + "concepts/configuration/secret/",
    alias="",
)
def no_personal_data(map_: Object) -> Flaws:
    names = [key for key, value in entries(map_) if _is_personal(key, value)]
    if names:
        listed = ", ".join(f"'{name}'" for name in names)
        yield flaw(f"{map_.subject} seems to hold personal data in {listed}.", map_.below(map_.data, "data"))


@workload(
    "KSV-0124",
    "allowed_repos",
    "HIGH",
    "repo-ambiguous-prefix",
    "Allowed image prefixes should end a host or path",
    "A prefix such as `gcr.io` allows `gcr.io.example.com`, too, and `docker.io` allows everybody's images.",
    "End each prefix with a slash behind the host or path that is meant, or name the whole image.",
    "https://open-policy-agent.github.io/gatekeeper-library/website/validation/allowedrepos/",
    alias="",
)
def closed_prefixes(constraint: Object) -> Flaws:
    for prefix in texts(mapping(constraint.spec.get("parameters")).get("repos")):
        host, *rest = prefix.split("/")
        if (not rest and ":" not in prefix) or (host == "docker.io" and len(rest) <= 1):
            yield flaw(
                f"{constraint.subject} allows images by the prefix '{prefix}', which others can use as well.",
                constraint.below(constraint.data, "spec", "parameters"),
            )


@cluster(
    "KCV-0093",
    "ingress",
    "insecure-ingress-nginx",
    "Annotations for ingress-nginx should not carry configuration of nginx",
    "Controllers before 1.11.5 and 1.12.1 wrote these values into nginx's configuration unchanged, so that text of an "
    "ingress ran as commands of the controller, which reads all secrets (CVE-2025-1097, -1098, -24514).",
    "Give plain addresses and names, and update ingress-nginx.",
    "https://kubernetes.io/blog/2025/03/24/ingress-nginx-cve-2025-1974/",
    severity="CRITICAL",
)
def plain_annotations(ingress: Object) -> Flaws:
    classes = (ingress.spec.get("ingressClassName"), ingress.annotations.get("kubernetes.io/ingress.class"))
    if "nginx" not in classes:
        return
    for name in ("auth-url", "mirror-target", "mirror-host"):
        if re.search(r"[\r\n<>\"{}|^`\\]", text(ingress.annotations.get(NGINX + name)).rstrip("\n")):
            yield _injected(ingress, name)
    match = text(ingress.annotations.get(NGINX + "auth-tls-match-cn")).rstrip("\n")
    if match.startswith("CN=") and re.search(r"[\r\n#{};]", match):
        yield _injected(ingress, "auth-tls-match-cn")


def _injected(ingress: Object, name: str) -> Any:
    return flaw(
        f"{ingress.subject} has characters in its annotation '{NGINX}{name}' that change nginx's configuration.",
        ingress.below(ingress.data, "metadata", "annotations"),
    )
