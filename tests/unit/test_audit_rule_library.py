"""The rules for Kubernetes audit events that come with Vigie: names, priorities and tags are the peer's; what each
sees, and a neighbour that it leaves alone. Events have the shape that API servers send (Kubernetes, "Auditing")."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from vigie._core import Engine
from vigie.runtime.rules.document import Source
from vigie.runtime.rules.load import load
from vigie.runtime.rules.sources import LIBRARY, library
from vigie.runtime.watch import Watch

DATA = Path(__file__).parent.parent / "data" / "rules_library"

HOOKS = """
- macro: allowed_k8s_containers
  condition: (ka.req.pod.containers.image.repository in (good))
  override: {condition: replace}
- macro: consider_all_events
  condition: (ka.verb=watch)
  override: {condition: replace}
- macro: allowed_full_admin_users
  condition: (k8s_audit_never_true)
  override: {condition: replace}
- macro: allow_all_k8s_nodes
  condition: (k8s_audit_never_true)
  override: {condition: replace}
- list: allowed_k8s_nodes
  items: [known]
  override: {items: append}
"""
"""What a user writes to switch on the rules that allow everything until somebody says what."""

Event = dict[str, Any]
CASES: list[tuple[str, bool, Event]] = []


def rows(kind: str) -> Iterator[dict[str, str]]:
    """The peer's items of one kind, in its order."""
    with (DATA / "k8s_audit.csv").open(newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["kind"] == kind)


def items(kind: str) -> list[dict[str, Any]]:
    """Our items of one kind, in the order of loading, without the help of the loader."""
    files = sorted((LIBRARY / "k8s_audit").glob("*.yaml"))
    return [item for path in files for item in yaml.safe_load(path.read_bytes()) if kind in item]


def asked(
    verb: str,
    resource: str = "",
    name: str = "x",
    /,
    *,
    sub: str = "",
    ns: str = "default",
    user: str = "kubernetes-admin",
    code: int = 200,
    stage: str = "ResponseComplete",
    request: object = None,
    **more: Any,
) -> Event:
    """An event as API servers send it."""
    event: Event = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse",
        "auditID": "0a0a0a0a-0000-4000-8000-000000000000",
        "stage": stage,
        "requestURI": f"/api/v1/namespaces/{ns}/{resource}/{name}",
        "verb": verb,
        "user": {"username": user, "groups": ["system:authenticated"]},
        "sourceIPs": ["192.0.2.7"],
        "userAgent": "kubectl/v1.32.0 (linux/amd64) kubernetes/70d3cc9",
        "responseStatus": {"metadata": {}, "code": code},
        "requestReceivedTimestamp": "2024-05-01T10:00:00.000000Z",
        "stageTimestamp": "2024-05-01T10:00:00.123456Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }
    if resource:
        event["objectRef"] = {"resource": resource, "namespace": ns, "name": name, "apiVersion": "v1"}
        if sub:
            event["objectRef"]["subresource"] = sub
    if request is not None:
        event["requestObject"] = request
        event["responseObject"] = {"metadata": {"name": name}}
    return {**event, **more}


def pod(image: str = "evil.example/x:1", *, ns: str = "default", context: object = None, **spec: Any) -> Event:
    container: dict[str, Any] = {"name": "c", "image": image}
    if context is not None:
        container["securityContext"] = context
    return asked("create", "pods", "p", ns=ns, code=201, request={"spec": {"containers": [container], **spec}})


def made(resource: str, name: str = "x", **more: Any) -> Event:
    return asked("create", resource, name, **{"code": 201, **more})


def role(resources: list[str], verbs: list[str], kind: str = "clusterroles", **more: Any) -> Event:
    return made(kind, "r", request={"rules": [{"apiGroups": [""], "resources": resources, "verbs": verbs}]}, **more)


def binding(to: str, **more: Any) -> Event:
    subjects = [{"kind": "User", "name": "mallory"}]
    return made("clusterrolebindings", "b", request={"roleRef": {"name": to}, "subjects": subjects}, **more)


def seen(rule: str, *events: Event) -> None:
    CASES.extend((rule, True, event) for event in events)


def left_alone(rule: str, *events: Event) -> None:
    CASES.extend((rule, False, event) for event in events)


seen("Disallowed K8s User", asked("list", "pods", user="mallory"), asked("get", user="eks:unheard-of"))
left_alone(
    "Disallowed K8s User",
    asked("list", "pods"),
    asked("list", "pods", user="system:serviceaccount:default:default"),
    asked("list", "pods", user="vpa-updater"),
    asked("list", "pods", user="eks:node-manager"),
    asked("list", "pods", user="mallory", stage="RequestReceived"),
)
seen("Create Disallowed Pod", pod("evil:1"))
left_alone("Create Disallowed Pod", pod("good:2"), asked("get", "pods"))

PRIVILEGED = {"privileged": True}
seen(
    "Create Privileged Pod",
    pod(context=PRIVILEGED),
    pod(initContainers=[{"name": "i", "image": "x", "securityContext": PRIVILEGED}]),
    pod(containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x", "securityContext": PRIVILEGED}]),
)
left_alone(
    "Create Privileged Pod",
    pod(),
    pod(context={"privileged": False}),
    pod("registry.k8s.io/kube-proxy:v1.32.0", context=PRIVILEGED),
    {**pod(context=PRIVILEGED), "verb": "update"},
)


def mount(path: str) -> list[Event]:
    return [{"name": "v", "hostPath": {"path": path}}]


seen(
    "Create Sensitive Mount Pod",
    *(pod(volumes=mount(path)) for path in ("/", "/etc", "/proc/", "/var/run/docker.sock", "/var/lib/kubelet")),
    pod(volumes=[{"name": "e", "emptyDir": {}}, *mount("/root")]),
)
left_alone(
    "Create Sensitive Mount Pod",
    pod(volumes=mount("/srv/data")),
    pod(volumes=[{"name": "e", "emptyDir": {}}]),
    pod("quay.io/prometheus/node-exporter:v1", volumes=mount("/proc")),
)
for name, key in (("HostNetwork", "hostNetwork"), ("HostPid", "hostPID"), ("HostIPC", "hostIPC")):
    seen(f"Create {name} Pod", pod(**{key: True}))
    left_alone(f"Create {name} Pod", pod(**{key: False}), pod())
left_alone("Create HostNetwork Pod", pod("registry.k8s.io/etcd:3", hostNetwork=True))
left_alone("Create HostPid Pod", pod("docker.io/prom/node-exporter:v1", hostPID=True))
seen("Create NodePort Service", made("services", request={"spec": {"type": "NodePort", "ports": [{"port": 1}]}}))
left_alone(
    "Create NodePort Service",
    made("services", request={"spec": {"type": "ClusterIP"}}),
    asked("update", "services", request={"spec": {"type": "NodePort"}}),
)
CREDENTIALS = "Create/Modify Configmap With Private Credentials"
seen(
    CREDENTIALS,
    made("configmaps", request={"data": {"x": "AWS_ACCESS_KEY_ID=AKIA"}}),
    asked("update", "configmaps", request={"data": {"tls.key": "-----BEGIN EC PRIVATE KEY-----\nx"}}),
    asked("patch", "configmaps", request={"data": {"dbPassword": "x"}}),
)
left_alone(
    CREDENTIALS,
    made("configmaps", request={"data": {"color": "blue"}}),
    made("secrets", request={"data": {"password": "x"}}),
    asked("get", "configmaps", request={"data": {"password": "x"}}),
)
NOBODY = "system:anonymous"
seen("Anonymous Request Allowed", asked("get", user=NOBODY, requestURI="/api/v1/pods"))
left_alone(
    "Anonymous Request Allowed",
    *(
        asked("get", user=NOBODY, requestURI=uri)
        for uri in ("/healthz", "/livez?verbose", "/readyz/etcd", "/healthz/ping")
    ),
    asked("get", user=NOBODY, annotations={"authorization.k8s.io/decision": "forbid"}),
    asked("get", user="system:node:n"),
)


def stream(sub: str, verb: str = "create", **more: Any) -> Event:
    return asked(verb, "pods", "p", sub=sub, code=101, **{"stage": "ResponseStarted", **more})


seen("Attach/Exec Pod", stream("exec"), stream("exec", "get"), stream("attach"))
left_alone("Attach/Exec Pod", stream("log", "get"), stream("exec", stage="ResponseComplete"), stream("portforward"))
seen("port-forward", stream("portforward"), stream("portforward", "get"))
left_alone("port-forward", stream("exec"), stream("portforward", stage="RequestReceived"))
DEBUG = {"spec": {"ephemeralContainers": [{"name": "d", "image": "busybox"}]}}
seen("EphemeralContainers Created", asked("patch", "pods", sub="ephemeralcontainers", request=DEBUG))
left_alone(
    "EphemeralContainers Created", asked("patch", "pods", sub="status"), asked("get", "pods", sub="ephemeralcontainers")
)
seen("Create Disallowed Namespace", made("namespaces", "shadow"))
left_alone(
    "Create Disallowed Namespace",
    made("namespaces", "kube-node-lease"),
    asked("update", "namespaces", "shadow"),
    made("pods", "shadow"),
)
seen("Pod Created in Kube Namespace", pod(ns="kube-system"), pod(ns="kube-public"))
left_alone("Pod Created in Kube Namespace", pod(), pod("registry.k8s.io/coredns/coredns:v1.12.0", ns="kube-system"))
ACCOUNT = "Service Account Created in Kube Namespace"
seen(ACCOUNT, made("serviceaccounts", "backdoor", ns="kube-system"))
left_alone(
    ACCOUNT,
    made("serviceaccounts", "backdoor"),
    made("serviceaccounts", "coredns", ns="kube-system"),
    made("serviceaccounts", "backdoor", ns="kube-system", code=403),
    made("serviceaccounts", "backdoor", ns="kube-system", sub="token"),
)
SYSTEM = "System ClusterRole Modified/Deleted"
seen(SYSTEM, asked("patch", "clusterroles", "system:node"), asked("delete", "roles", "system::leader-locking"))
left_alone(
    SYSTEM,
    asked("patch", "clusterroles", "mine"),
    asked("get", "clusterroles", "system:node"),
    asked("update", "clusterroles", "system:coredns"),
    asked("update", "clusterroles", "system:node", user="system:apiserver"),
)
seen("Attach to cluster-admin Role", binding("cluster-admin"))
left_alone(
    "Attach to cluster-admin Role",
    binding("view"),
    binding("cluster-admin", user="system:apiserver"),
    asked("delete", "clusterrolebindings"),
)
WILD = "ClusterRole With Wildcard Created"
seen(WILD, role(["*"], ["get"]), role(["pods"], ["*"]), role(["pods", "*"], ["get"], "roles"))
left_alone(WILD, role(["pods"], ["get"]), role(["*"], ["*"], user="system:apiserver"))
WRITES = "ClusterRole With Write Privileges Created"
seen(WRITES, role(["pods"], ["get", "patch"]), role(["pods"], ["deletecollection"], "roles"))
left_alone(WRITES, role(["pods"], ["get", "list", "watch"]))
EXEC = "ClusterRole With Pod Exec Created"
seen(EXEC, role(["pods", "pods/exec"], ["create"]))
left_alone(EXEC, role(["pods"], ["create"]))

KINDS = {
    "Deployment": "deployments",
    "Service": "services",
    "ConfigMap": "configmaps",
    "Namespace": "namespaces",
    "Serviceaccount": "serviceaccounts",
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
    "Secret": "secrets",
}
for title, resource in KINDS.items():
    seen(f"K8s {title} Created", made(resource))
    left_alone(f"K8s {title} Created", made(resource, code=409), made(resource, sub="status"), made("leases"))
    seen(f"K8s {title} Deleted", asked("delete", resource), asked("deletecollection", resource))
    left_alone(f"K8s {title} Deleted", asked("delete", resource, code=404), asked("delete", "leases"), made(resource))
for rule in ("K8s Secret Created", "K8s Secret Deleted"):
    verb = "create" if rule.endswith("Created") else "delete"
    left_alone(
        rule, asked(verb, "secrets", ns="kube-system"), asked(verb, "secrets", user="system:kube-controller-manager")
    )
seen("K8s Secret Get Successfully", asked("get", "secrets"))
left_alone("K8s Secret Get Successfully", asked("get", "secrets", code=404), asked("get", "configmaps"))
seen("K8s Secret Get Unsuccessfully Tried", asked("get", "secrets", code=403), asked("get", "secrets", code=404))
left_alone("K8s Secret Get Unsuccessfully Tried", asked("get", "secrets"), asked("get", "pods", code=403))
seen("All K8s Audit Events", asked("watch", "pods"))
left_alone("All K8s Audit Events", asked("watch", "pods", stage="ResponseStarted"), asked("get", "pods"))
seen("Full K8s Administrative Access", asked("list", "pods", user="kubernetes-super-admin"))
left_alone("Full K8s Administrative Access", asked("list", "pods", user="kubelet"))
INGRESS = "Ingress Object without TLS Certificate Created"
seen(INGRESS, made("ingresses", request={"spec": {"rules": []}}))
left_alone(
    INGRESS,
    made("ingresses", request={"spec": {"tls": [{"secretName": "t"}]}}),
    made("ingresses", code=422, request={"spec": {}}),
)
seen("Untrusted Node Successfully Joined the Cluster", made("nodes", "rogue"))
left_alone("Untrusted Node Successfully Joined the Cluster", made("nodes", "known"), made("nodes", "rogue", code=403))
seen("Untrusted Node Unsuccessfully Tried to Join the Cluster", made("nodes", "rogue", code=403))
left_alone(
    "Untrusted Node Unsuccessfully Tried to Join the Cluster", made("nodes", "rogue"), made("nodes", "known", code=403)
)


def found(path: Path, events: list[Event], *more: Source) -> list[set[str]]:
    """For each event the rules that match it."""
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    watch = Watch(load([*library(("k8s_audit",)), *more]).ruleset.sets, first=False)
    engine: Engine = watch.engine
    engine.audit_file(str(path))
    rules: list[set[str]] = [set() for _ in events]
    while (matches := engine.next()) is not None:
        for match in matches:
            rules[match.num - 1].add(watch._alert(match).rule)
    return rules


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> list[set[str]]:
    path = tmp_path_factory.mktemp("audit") / "audit.log"
    return found(path, [event for _, _, event in CASES], Source("hooks.yaml", HOOKS.encode()))


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: f"{CASES[index][0]}-{CASES[index][1]}")
def test_rule_sees_what_it_is_for(matched: list[set[str]], index: int) -> None:
    rule, expected, _ = CASES[index]
    assert (rule in matched[index]) is expected, matched[index]


def test_each_rule_has_both_kinds_of_cases() -> None:
    names = {row["name"] for row in rows("rule")}
    assert {rule for rule, expected, _ in CASES if expected} == names
    assert {rule for rule, expected, _ in CASES if not expected} == names


def test_hooks_allow_everything_until_they_are_filled(tmp_path: Path) -> None:
    switched = {
        "Create Disallowed Pod",
        "All K8s Audit Events",
        "Full K8s Administrative Access",
        "Untrusted Node Successfully Joined the Cluster",
        "Untrusted Node Unsuccessfully Tried to Join the Cluster",
    }
    matched = found(tmp_path / "audit.log", [event for _, _, event in CASES])
    assert not set().union(*matched) & switched


@pytest.mark.parametrize("kind", ["macro", "list", "rule"])
def test_the_peers_names_are_there(kind: str) -> None:
    ours = [item[kind] for item in items(kind)]
    assert [name for name, count in Counter(ours).items() if count > 1] == []
    theirs = [row["name"] for row in rows(kind)]
    if kind == "rule":
        assert ours == theirs
    assert set(theirs) <= set(ours)


@pytest.mark.parametrize("expected", list(rows("rule")), ids=lambda row: row["name"])
def test_rule_is_described_as_the_peers(expected: dict[str, str]) -> None:
    (rule,) = [rule for rule in items("rule") if rule["rule"] == expected["name"]]
    assert rule["priority"] == expected["priority"]
    assert rule["tags"] == expected["tags"].split()
    assert rule.get("enabled", True) is (expected["enabled"] == "true")
    assert rule["source"] == "k8s_audit"
    sentence, _, fields = rule["output"].partition(" | ")
    assert "%" not in sentence
    assert re.fullmatch(r"(?:\w+=%\S+(?: |$))+", fields), "fields follow as key=%field"
    assert "user=%ka.user.name" in fields
    assert len(rule["desc"]) > 35


@pytest.mark.parametrize("words", [("k8s_audit",), ("stable", "incubating", "sandbox", "k8s_audit")], ids=len)
def test_rules_compile_without_a_warning(words: tuple[str, ...]) -> None:
    result = load(list(library(words)))
    assert [(problem.code, problem.message) for problem in result.problems] == []
    assert {row["name"] for row in rows("rule")} <= set(result.known)
