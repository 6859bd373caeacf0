"""The API server of Kubernetes, asked for the labels of pods and for what owns them, when settings allow it.

Asked with the service account that a pod is given: its token must allow `get` on `pods` and on `replicasets` (apps).
The labels are added to those of the pod's sandbox. The owner stands in two labels of the container,
`io.kubernetes.owner.kind` and `io.kubernetes.owner.name`; a ReplicaSet's Deployment takes its place.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from vigie.runtime.containers import loose
from vigie.runtime.containers.container import Container, kept_labels
from vigie.runtime.containers.engine import EngineError
from vigie.runtime.containers.rest import decoded

log = logging.getLogger(__name__)

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MAX_ANSWER = 1 << 20
MAX_PODS = 2048
FRESH = 300.0
"""Seconds after which a pod is asked for again."""
MAX_WAITING = 1024
PAUSE = 10.0
"""Seconds without questions after a failure."""
OWNER_KIND, OWNER_NAME = "io.kubernetes.owner.kind", "io.kubernetes.owner.name"


class _Pod(Struct):
    """What was learned of a pod, and when."""

    labels: dict[str, str]
    owner: tuple[str, str]
    learned: float


class Kubernetes:
    """Asks the API server in a thread of its own. learned: takes a container whose pod has become known. Raises
    EngineError when there is no service account."""

    def __init__(
        self, learned: Callable[[Container, Any], None], label_max_len: int, seconds: float, account: Path = ACCOUNT
    ) -> None:
        self._learned, self._longest, self._seconds, self._account = learned, label_max_len, seconds, account
        self._host = os.environ.get("KUBERNETES_SERVICE_HOST", "")
        self._port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        if not self._host or not self._port.isdecimal() or not (account / "token").exists():
            raise EngineError(f"cannot be asked: no service account at {account}", absent=True)
        self._pods: OrderedDict[tuple[str, str], _Pod] = OrderedDict()
        self._waiting: queue.Queue[tuple[Container, Any] | None] = queue.Queue(MAX_WAITING)
        self._told = False
        self._thread = threading.Thread(target=self._run, name="containers-kubernetes", daemon=True)
        self._thread.start()

    def complete(self, container: Container, origin: Any) -> None:
        """Adds what is known of a container's pod; asks for what is not, and then has `learned` called with the
        container and its origin. Never blocks."""
        key = _key(container)
        if key is None:
            return
        pod = self._pods.get(key)
        if pod is not None:
            _merge(container, pod)
        if pod is None or time.monotonic() - pod.learned > FRESH:
            try:
                self._waiting.put_nowait((container, origin))
            except queue.Full:
                log.debug("too many pods are being asked for")

    def stop(self) -> None:
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return

    def _run(self) -> None:
        until = 0.0
        while (waiting := self._waiting.get()) is not None:
            container, origin = waiting
            key = _key(container)
            if key is None or time.monotonic() < until:
                continue
            try:
                pod = self._pods.get(key)
                if pod is None or time.monotonic() - pod.learned > FRESH:
                    pod = self._pods[key] = self._ask(*key)
                    while len(self._pods) > MAX_PODS:
                        self._pods.popitem(last=False)
                self._told = False
                _merge(container, pod)
                self._learned(container, origin)
            except Exception as error:  # a strange answer must not end the thread
                until = time.monotonic() + PAUSE
                if not self._told:
                    self._told = True
                    why = error.why if isinstance(error, EngineError) else f"could not be asked ({error})"
                    log.warning("the Kubernetes API server at %s %s; labels of pods may be missing", self._host, why)

    def _ask(self, namespace: str, name: str) -> _Pod:
        namespace, name = quote(namespace, safe=""), quote(name, safe="")
        pod = self._get(f"/api/v1/namespaces/{namespace}/pods/{name}")
        owner = _owner(pod)
        if owner[0] == "ReplicaSet":
            path = f"/apis/apps/v1/namespaces/{namespace}/replicasets/{quote(owner[1], safe='')}"
            above = _owner(self._get(path))
            owner = above if above[0] else owner
        labels = kept_labels(loose.mapping(pod, "metadata", "labels"), self._longest)
        return _Pod(labels, owner, time.monotonic())

    def _get(self, path: str) -> Any:
        """A JSON document; nothing for what is not there."""
        import http.client
        import ssl

        context = ssl.create_default_context(cafile=str(self._account / "ca.crt"))
        token = (self._account / "token").read_text()[:65536].strip()
        connection = http.client.HTTPSConnection(self._host, int(self._port), timeout=self._seconds, context=context)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
            response = connection.getresponse()
            body = response.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"could not be asked ({error})") from error
        finally:
            connection.close()
        if response.status == 404:
            return {}
        if response.status != 200 or len(body) > MAX_ANSWER:
            raise EngineError(f"refused to answer (HTTP status {response.status})")
        return decoded(body)


def _key(container: Container) -> tuple[str, str] | None:
    """Namespace and name of the pod, where the runtime told them."""
    labels = {**container.pod_sandbox_labels, **container.labels}
    namespace, name = labels.get("io.kubernetes.pod.namespace", ""), labels.get("io.kubernetes.pod.name", "")
    return (namespace, name) if namespace and name else None


def _owner(document: Any) -> tuple[str, str]:
    """Kind and name of what controls an object; empty when nothing does."""
    owners = loose.items(document, "metadata", "ownerReferences", limit=100)
    found = next((owner for owner in owners if loose.flag(owner, "controller")), None)
    return loose.text(found, "kind"), loose.text(found, "name")


def _merge(container: Container, pod: _Pod) -> None:
    container.pod_sandbox_labels = {**container.pod_sandbox_labels, **pod.labels}
    if container.is_pod_sandbox:
        container.labels = {**container.labels, **pod.labels}
    if pod.owner[0]:
        container.labels = {**container.labels, OWNER_KIND: pod.owner[0], OWNER_NAME: pod.owner[1]}
