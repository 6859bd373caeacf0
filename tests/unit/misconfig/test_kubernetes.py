"""Kubernetes manifests: which objects a file holds, where they stand, and what checks see of them.

What is expected comes from Kubernetes' documentation of objects and options, and from the YAML of each case.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.languages.kubernetes import language
from vigie.misconfig.languages.kubernetes.applicable import of_kinds
from vigie.misconfig.languages.kubernetes.commands import flags, program, words
from vigie.misconfig.languages.kubernetes.load import project, read
from vigie.misconfig.outcome import Outcome
from vigie.model.inventory import Configuration, Problem
from vigie.settings.groups import MisconfigOptions


def judged(data: bytes, name: str = "x.yaml", version: str = "") -> Outcome:
    """The outcome of one file."""
    files = ScannedFiles([Configuration("kubernetes", name, data)], None)
    (unit,) = language.split(files)
    return judge_unit(unit, language, files, MisconfigOptions(kubernetes_version=version), Chosen())


def found(outcome: Outcome, id_: str) -> list[tuple[int, int, str]]:
    """Lines and messages of one check's findings."""
    findings = [placed.finding for placed in outcome.findings if placed.finding.id == id_]
    return [(finding.start, finding.end, finding.message) for finding in findings]


PRIVILEGED = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: c
    image: i:1
    securityContext:
      privileged: true
"""


def test_lines_of_later_documents() -> None:
    """Lines count in the file, whatever the separators."""
    data = f"# head\n---\n{PRIVILEGED.format(name='a')}---\n---\n\n{PRIVILEGED.format(name='b')}".encode()
    assert [(start, end) for start, end, _ in found(judged(data), "KSV-0017")] == [(9, 12), (22, 25)]


def test_one_broken_document_loses_no_other() -> None:
    data = f"{PRIVILEGED.format(name='a')}---\nkind: {{{{ .Values.x }}\n---\n{PRIVILEGED.format(name='b')}".encode()
    outcome = judged(data)
    assert [(start, end) for start, end, _ in found(outcome, "KSV-0017")] == [(7, 10), (20, 23)]
    (problem,) = outcome.problems
    assert problem.where.startswith("x.yaml:12")
    assert "template" in problem.hint


def test_a_broken_file_is_a_problem() -> None:
    (problem,) = judged(b'apiVersion: v1\nkind: "Pod\nmetadata: {}\n').problems
    assert problem.where.startswith("x.yaml:")
    (problem,) = judged(b'{"apiVersion": "v1", "kind": "Pod", "metadata": }', "x.json").problems
    assert problem.where == "x.json:1"


def test_lists_are_their_items() -> None:
    pod = PRIVILEGED.format(name="a").replace("\n", "\n  ").strip()
    data = f"apiVersion: v1\nkind: List\nitems:\n- {pod}\n- apiVersion: v1\n  kind: Service\n  metadata: {{name: s}}\n"
    problems: list[Problem] = []
    assert [(o.kind, o.name, o.cause.start) for o in read("x", data.encode(), "", problems)] == [
        ("Pod", "a", 4),
        ("Service", "s", 14),
    ]
    ((start, end, message),) = found(judged(data.encode()), "KSV-0017")
    assert (start, end) == (10, 13)
    assert "'c' of Pod 'a'" in message


def test_items_of_a_list_of_one_kind_need_not_say_it() -> None:
    data = b"apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}, {metadata: {name: b}}, 7]"
    objects = read("x", data, "", [])
    assert [(o.api_version, o.kind, o.name) for o in objects] == [
        ("apps/v1", "Deployment", "a"),
        ("apps/v1", "Deployment", "b"),
    ]


def test_templates_of_openshift_are_their_objects() -> None:
    data = b"apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:\n" + (
        b"- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostPID: true}}\n"
    )
    assert [(start, end) for start, end, _ in found(judged(data), "KSV-0010")] == [(5, 5)]


def test_byte_order_marks_and_windows_lines() -> None:
    pod = PRIVILEGED.format(name="a").replace("\n", "\r\n").encode()
    assert [(start, end) for start, end, _ in found(judged(b"\xef\xbb\xbf" + pod), "KSV-0017")] == [(7, 10)]


def test_json_has_lines() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"hostPID": True, "containers": []}}
    ((start, end, _),) = found(judged(json.dumps(pod, indent=1).encode(), "x.json"), "KSV-0010")
    assert (start, end) == (7, 10)  # from the line of "spec" to its closing bracket


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("Pod", ""),
        ("PodTemplate", "template"),
        *((kind, "spec.template") for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")),
        *(
            (kind, "spec.template")
            for kind in ("ReplicationController", "DeploymentConfig", "Rollout", "Service.knative")
        ),
        ("CronJob", "spec.jobTemplate.spec.template"),
        ("JobSet", "spec.replicatedJobs.0.template.spec.template"),
    ],
)
def test_pods_wherever_they_sit(kind: str, before: str) -> None:
    holder: Any = {"spec": {"containers": [{"name": "a"}], "initContainers": [{"name": "b"}]}}
    holder["spec"]["ephemeralContainers"] = [{"name": "c"}]
    for key in reversed(before.split(".") if before else ()):
        holder = [holder] if key == "0" else {key: holder}
    data = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, **holder}
    parts = project("x.json", json.dumps(data).encode(), MisconfigOptions())
    assert [container.name for container in parts.objects["kubernetes.container"]] == ["a", "b", "c"]
    assert parts.applicable is not None
    assert "KSV-0017" in parts.applicable


def test_what_holds_no_pods() -> None:
    """Schemas of custom kinds describe pods, config maps may quote them: neither has any."""
    schema = {"template": {"spec": {"containers": [{"name": "a"}]}}}
    for kind in ("CustomResourceDefinition", "ConfigMap"):
        data = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "spec": {"deep": schema}}
        assert "kubernetes.pod" not in project("x.json", json.dumps(data).encode(), MisconfigOptions()).objects


def test_a_file_that_only_mentions_the_keys_is_none() -> None:
    outcome = judged(b"run: |\n  apiVersion: v1\n  kind: Pod\n  metadata: {}\n")
    assert (outcome.checks, outcome.findings, outcome.problems) == ([], [], [])


def test_containers_take_from_their_pod() -> None:
    data = b"""
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  securityContext: {runAsUser: 20000, runAsGroup: 20000, seccompProfile: {type: RuntimeDefault}, fsGroup: 3}
  containers:
  - {name: own, securityContext: {runAsUser: 5, runAsGroup: 30000}}
  - {name: taken}
"""
    parts = project("x", data, MisconfigOptions()).objects["kubernetes.container"]
    assert [container.security.get("runAsUser") for container in parts] == [5, 20000]
    assert [container.security.get("runAsGroup") for container in parts] == [30000, 20000]
    assert ["fsGroup" in container.security for container in parts] == [False, False]


@pytest.mark.parametrize(("written", "fails"), [("yes", True), ("on", True), ('"yes"', False), ("no", False)])
def test_truth_as_kubernetes_reads_it(written: str, fails: bool) -> None:
    """YAML 1.1: https://github.com/kubernetes-sigs/yaml."""
    data = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{hostNetwork: {written}, containers: []}}\n"
    assert bool(found(judged(data.encode()), "KSV-0009")) is fails


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        *((kind, 98) for kind in ("Pod", "Deployment", "DeploymentConfig", "CronJob")),
        *((kind, 71) for kind in ("Role", "ClusterRole")),
        *((kind, 65) for kind in ("RoleBinding", "ClusterRoleBinding")),
        *((kind, 61) for kind in ("Ingress", "NetworkPolicy", "Widget", "K8sAllowedRepos")),
        *((kind, 62) for kind in ("Service", "LimitRange", "ResourceQuota")),
        ("ConfigMap", 63),
    ],
)
def test_as_many_checks_apply_as_the_field_counts(kind: str, count: int) -> None:
    """Measured with the peer on one object of each kind. Benchmarks alone ask for KCV-0013."""
    data = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x, namespace: y}}\nspec: {{containers: []}}\n"
    outcome = judged(data.encode())
    failed = {placed.finding.id for placed in outcome.findings}
    assert len(failed | set(outcome.passed)) == count
    assert "KCV-0013" in of_kinds({kind})


@pytest.mark.parametrize(
    ("version", "fails"),
    [("", True), ("v1.20.4", False), ("1.21", True), ("v1.27.3-gke.100", True), ("nonsense", True)],
)
def test_retired_api_versions_by_the_cluster(version: str, fails: bool) -> None:
    """batch/v1beta1 is deprecated since 1.21 and gone since 1.25."""
    data = b"apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a, namespace: b}\n"
    messages = found(judged(data, version=version), "KSV-0107")
    assert bool(messages) is fails
    assert all("1.25" in message and "'batch/v1'" in message for _, _, message in messages)


@pytest.mark.parametrize(("version", "fails"), [("", False), ("v1.26.1", True), ("v1.27.0", False)])
def test_safe_kernel_parameters_by_the_cluster(version: str, fails: bool) -> None:
    """net.ipv4.ip_local_reserved_ports is safe since 1.27."""
    data = b"""
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {securityContext: {sysctls: [{name: net.ipv4.ip_local_reserved_ports, value: "1"}]}, containers: []}
"""
    assert bool(found(judged(data, version=version), "KSV-0026")) is fails


@pytest.mark.parametrize(
    ("command", "args", "running"),
    [
        (["kube-apiserver", "--x"], None, "kube-apiserver"),
        (["/usr/local/bin/kube-scheduler"], [], "kube-scheduler"),
        (None, ["kube-controller-manager", "--x=1"], "kube-controller-manager"),
        (["/bin/sh", "-c", "exec etcd --name=a"], None, "etcd"),
        (["/bin/sh", "-c"], ["etcd"], "etcd"),
        (["backup", "--data-dir", "/var/lib/etcd"], None, ""),
        (["backup", "--data-dir=/var/lib/etcd"], None, ""),
        (["etcdctl", "get"], None, ""),
        ("kube-apiserver --x", None, "kube-apiserver"),
        ([7, None, {"a": 1}], 5, ""),
    ],
)
def test_programs_of_command_lines(command: Any, args: Any, running: str) -> None:
    assert program(words(command, args)) == running


def test_options_of_command_lines() -> None:
    """Go's flags: https://pkg.go.dev/flag; later ones win."""
    line = words(["kube-apiserver", "--a=1 \\\n  --b two --c --d='x,y' -e=5", "--a=2"])
    assert flags(line) == {"a": ["1", "2"], "b": ["two"], "c": ["true"], "d": ["x,y"], "e": ["5"]}


def test_large_and_deep_input_is_bounded() -> None:
    many = b"---\napiVersion: v1\nkind: Service\nmetadata: {}\n" * 20_001
    outcome = judged(many)
    assert any("20000" in problem.what for problem in outcome.problems)
    bomb = b"apiVersion: v1\nkind: Pod\nmetadata: {}\na: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
    )
    assert judged(bomb).problems
    pods = [{"template": {"spec": {"containers": [{"name": "a"}]}}}] * 10_002
    wide = {"apiVersion": "v1", "kind": "Widget", "metadata": {}, "spec": {"a": pods}}
    parts = project("x.json", json.dumps(wide).encode(), MisconfigOptions())
    assert [len(parts.objects[f"kubernetes.{name}"]) for name in ("pod", "container")] == [10_000, 10_000]
    assert any("10000 pods" in problem.what for problem in parts.problems)
    nested = json.dumps({"apiVersion": "v1", "kind": "List", "items": []})
    for _ in range(20):
        nested = f'{{"apiVersion": "v1", "kind": "List", "items": [{nested}]}}'
    assert judged(nested.encode(), "x.json").findings == []


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "*", "ALL"])
)
WORDS = st.sampled_from(
    [
        *(
            "spec",
            "template",
            "metadata",
            "containers",
            "initContainers",
            "securityContext",
            "capabilities",
            "add",
            "drop",
        ),
        *(
            "volumes",
            "hostPath",
            "path",
            "image",
            "name",
            "ports",
            "rules",
            "resources",
            "verbs",
            "subjects",
            "roleRef",
        ),
        *("limits", "command", "args", "labels", "annotations", "seLinuxOptions", "sysctls", "data", "component"),
    ]
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=25
)
KINDS = st.sampled_from(
    [
        *("Pod", "Deployment", "CronJob", "Role", "ClusterRoleBinding", "Service", "ConfigMap", "NetworkPolicy"),
        *("LimitRange", "ResourceQuota", "Ingress", "K8sAllowedRepos", "Rollout", "List"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(KINDS, st.dictionaries(WORDS, ANYTHING, max_size=6), ANYTHING, ANYTHING)
def test_no_check_stumbles_over_wrong_types(kind: str, body: dict[str, Any], metadata: Any, spec: Any) -> None:
    data = {"apiVersion": "v1", "kind": kind, **body, "metadata": metadata, "spec": spec}
    problems = [problem.what for problem in judged(json.dumps(data).encode(), "x.json").problems]
    assert problems == []
