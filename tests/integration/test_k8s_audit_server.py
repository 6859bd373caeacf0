"""Audit events of a real API server: posted to the receiver, judged by the rules that come with Vigie."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from servers.kube_apiserver import KubeApiServer, binary
from vigie.runtime.rules.load import load
from vigie.runtime.rules.sources import library
from vigie.runtime.sources.k8s_audit import open_source, settings
from vigie.runtime.sources.webhook import Webhook
from vigie.runtime.watch import Watch

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(binary() is None, reason="no kube-apiserver: VIGIE_KUBE_APISERVER names one"),
]

TOKEN = "s3cret"
DEFAULT = "/api/v1/namespaces/default"
RBAC = "/apis/rbac.authorization.k8s.io/v1"

CONTAINER = {"name": "c", "image": "evil.example/x:1", "securityContext": {"privileged": True}}
POD = {
    "metadata": {"name": "p"},
    "spec": {
        "hostNetwork": True,
        "containers": [CONTAINER],
        "volumes": [{"name": "v", "hostPath": {"path": "/etc"}}],
    },
}
ROLE = {"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["*"], "verbs": ["get", "patch"]}]}
BINDING = {
    "metadata": {"name": "b"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "User", "name": "mallory", "apiGroup": "rbac.authorization.k8s.io"}],
}


def test_what_is_done_to_a_cluster_is_seen(tmp_path: Path) -> None:
    token = tmp_path / "audit-token"
    token.write_text(TOKEN)
    watch = Watch(load(list(library(("k8s_audit",)))).ruleset.sets, first=False)
    how = settings("http://127.0.0.1:0/k8s-audit", {"token_file": str(token)}, {})
    receiver = open_source(watch.engine, how)
    assert isinstance(receiver, Webhook)
    seen: set[tuple[str, object]] = set()

    def judge() -> None:
        while (matches := watch.engine.next()) is not None:
            for match in matches:
                fields = match.fields
                seen.add((watch._alert(match).rule, fields.get("ka.target.name", fields.get("ka.resp.name"))))

    thread = threading.Thread(target=judge)
    thread.start()
    expected: set[tuple[str, object]] = set()

    def done(
        method: str, path: str, data: object, status: int, *alerts: tuple[str, object], token: str | None = None
    ) -> None:
        answer = server.ask(method, path, data) if token is None else server.ask(method, path, data, token)
        assert answer[0] == status, answer
        expected.update(alerts)

    try:
        with KubeApiServer(tmp_path, f"http://127.0.0.1:{receiver.address[1]}/k8s-audit", TOKEN) as server:
            credentials = {"metadata": {"name": "cm"}, "data": {"password": "x"}}
            done("POST", f"{DEFAULT}/configmaps", credentials, 201, ("K8s ConfigMap Created", "cm"))
            expected.add(("Create/Modify Configmap With Private Credentials", None))
            done("DELETE", f"{DEFAULT}/configmaps/cm", None, 200, ("K8s ConfigMap Deleted", "cm"))
            done("POST", f"{DEFAULT}/pods", POD, 201, ("Create Privileged Pod", "p"))
            expected |= {("Create Sensitive Mount Pod", "p"), ("Create HostNetwork Pod", "p")}
            # The pod runs nowhere, so there is no stream; the request is one for a stream all the same.
            done("POST", f"{DEFAULT}/pods/p/exec?command=id&stdout=true", None, 400, ("Attach/Exec Pod", "p"))
            done("POST", f"{RBAC}/clusterroles", ROLE, 201, ("ClusterRole With Wildcard Created", "r"))
            expected |= {("ClusterRole With Write Privileges Created", "r"), ("K8s ClusterRole Created", "r")}
            done("POST", f"{RBAC}/clusterrolebindings", BINDING, 201, ("Attach to cluster-admin Role", "b"))
            done("GET", f"{DEFAULT}/secrets/none", None, 404, ("K8s Secret Get Unsuccessfully Tried", "none"))
            done("GET", "/version", None, 200, ("Anonymous Request Allowed", None), token="")
            deadline = time.monotonic() + 30
            while not expected <= seen and time.monotonic() < deadline:
                time.sleep(0.1)
            counters = receiver.counters()
    finally:
        receiver.close()
        thread.join(10)
    assert expected <= seen, expected - seen
    assert counters["events"] > 20
    assert counters["bad_payloads"] + counters["bad_time"] + counters["unreadable"] + counters["refused"] == 0
    # The server's own work at its start is recorded, and no news beyond that.
    assert not {rule for rule, name in seen if str(name).startswith("system:") and not rule.startswith("K8s ")}
