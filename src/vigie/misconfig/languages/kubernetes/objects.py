"""Kubernetes objects as checks see them: typed views over manifests, made once for each object.

Checks are about one of these paths:

    kubernetes.object       everything                        Object
    kubernetes.pod          a pod, or the template of some    Pod
    kubernetes.container    ordinary, init and ephemeral      Container
    kubernetes.apiserver, kubernetes.controller_manager, kubernetes.scheduler, kubernetes.etcd
                            containers that run them          Container
    kubernetes.role         Role, ClusterRole                 Role
    kubernetes.rule         one of its rules                  Rule
    kubernetes.binding      RoleBinding, ClusterRoleBinding   Binding
    kubernetes.service, kubernetes.config_map, kubernetes.network_policy, kubernetes.limit_range,
    kubernetes.resource_quota, kubernetes.ingress, kubernetes.allowed_repos
                            objects of one kind               Object
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from vigie.misconfig.languages import yaml_nodes
from vigie.misconfig.languages.kubernetes.commands import PROGRAMS, flags, program, words
from vigie.misconfig.value import Cause
from vigie.model.inventory import Problem

DEEPEST = 8
"""Levels searched for pod templates in objects of unknown kinds."""
MOST_PARTS = 10_000
"""Pods, containers and rules of one file; more come from input made for it."""


Map = yaml_nodes.Mapping
NOTHING = Map()
NOTHING.start = NOTHING.end = 0
NOTHING.places, NOTHING.raw = {}, {}

TRUTHS = frozenset({*("y", "Y", "yes", "Yes", "YES", "on", "On", "ON")})
FALSEHOODS = frozenset({*("n", "N", "no", "No", "NO", "off", "Off", "OFF")})
"""What Kubernetes reads as true and false where it stands without quotes: it reads YAML 1.1."""

SHARED = ("runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile", "windowsOptions")
"""Fields of a pod's security context that hold for its containers unless they say otherwise."""

POD_PATHS: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "DeploymentConfig"),
        ("spec", "template"),
    ),
}
"""Where each kind holds its pod, or the template of its pods."""

SINGLE: Mapping[str, str] = {
    "Service": "kubernetes.service",
    "ConfigMap": "kubernetes.config_map",
    "NetworkPolicy": "kubernetes.network_policy",
    "LimitRange": "kubernetes.limit_range",
    "ResourceQuota": "kubernetes.resource_quota",
    "Ingress": "kubernetes.ingress",
    "K8sAllowedRepos": "kubernetes.allowed_repos",
}


def mapping(value: Any) -> Map:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Map) else NOTHING


def maps(value: Any) -> list[Map]:
    """The mappings in a list; none when it is no list."""
    return [item for item in value if isinstance(item, Map)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts in a list; none when it is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def true(holder: Map, key: str) -> bool:
    """Whether a field is true."""
    value = holder.get(key)
    return value is True or (isinstance(value, str) and holder.raw.get(key) in TRUTHS)


def false(holder: Map, key: str) -> bool:
    """Whether a field is false, not just missing."""
    value = holder.get(key)
    return value is False or (isinstance(value, str) and holder.raw.get(key) in FALSEHOODS)


def number(value: Any) -> int | None:
    """The value if it is a whole number; truth values are none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class Object:
    """An object of a manifest. name: for messages, its `generateName` when it has no name. namespace: "" when it names
    none. version: of the cluster it is meant for, "" when not known. lines: for each line of the manifest that of the
    template it was rendered from."""

    __slots__ = ("api_version", "data", "file", "kind", "lines", "metadata", "name", "namespace", "spec", "version")

    def __init__(self, data: Map, file: str, version: str = "") -> None:
        self.data, self.file, self.version = data, file, version
        self.lines: Sequence[int] | None = None
        self.kind, self.api_version = text(data.get("kind")), text(data.get("apiVersion"))
        self.metadata, self.spec = mapping(data.get("metadata")), mapping(data.get("spec"))
        self.name = str(self.metadata.get("name") or self.metadata.get("generateName") or "")[:253]
        self.namespace = text(self.metadata.get("namespace"))

    def item(self, part: Map) -> Cause:
        """Where a mapping in a list stands: from its first key to the last line of its content."""
        return self.place(part.start, part.end)

    def place(self, start: int, end: int) -> Cause:
        """These lines of the manifest, or of its template."""
        lines = self.lines
        if lines is not None and 0 < start <= end <= len(lines):
            # what a loop or a condition made may end above the line where it began
            start, end = lines[start - 1], lines[end - 1]
        return Cause(self.file, start, max(start, end))

    def below(self, holder: Map, *keys: str) -> Cause:
        """Where what is under these keys stands, the key's line included; as deep as there is something."""
        start, end = holder.start, holder.end
        for key in keys:
            if key not in holder.places:
                break
            start, end = holder.span(key)
            holder = mapping(holder[key])
        return self.place(start, end)

    @property
    def cause(self) -> Cause:
        return self.item(self.data)

    @property
    def subject(self) -> str:
        """What messages call it."""
        return f"{self.kind} '{self.name}'" if self.name else f"{self.kind} without a name"

    @property
    def labels(self) -> Map:
        return mapping(self.metadata.get("labels"))

    @property
    def annotations(self) -> Map:
        return mapping(self.metadata.get("annotations"))


class Pod:
    """The specification of a pod. object: what holds it. metadata: the pod's own."""

    __slots__ = ("containers", "holder", "metadata", "object", "security", "spec", "volumes")

    def __init__(self, object_: Object, holder: Map) -> None:
        self.object, self.holder = object_, holder
        self.metadata, self.spec = mapping(holder.get("metadata")), mapping(holder.get("spec"))
        self.security = mapping(self.spec.get("securityContext"))
        self.volumes = maps(self.spec.get("volumes"))
        shared = {key: self.security[key] for key in SHARED if key in self.security}
        self.containers = [
            Container(self, data, shared, key == "ephemeralContainers")
            for key in ("containers", "initContainers", "ephemeralContainers")
            for data in maps(self.spec.get(key))
        ]

    @property
    def cause(self) -> Cause:
        return self.object.below(self.holder, "spec")

    @property
    def subject(self) -> str:
        """What messages call it."""
        return self.object.subject

    @property
    def annotations(self) -> Map:
        return mapping(self.metadata.get("annotations"))


class Container:
    """A container of a pod. own: its security context as written; security: with what the pod's gives. add, drop: its
    capabilities; drop is None when it is not written. ephemeral: put in later, and without resources of its own."""

    __slots__ = ("_flags", "add", "data", "drop", "ephemeral", "image", "name", "own", "pod", "security", "words")

    def __init__(self, pod: Pod, data: Map, shared: Mapping[str, Any], ephemeral: bool = False) -> None:
        self.pod, self.data, self.ephemeral = pod, data, ephemeral
        self.name, self.image = str(data.get("name") or "")[:253], text(data.get("image")).strip()
        self.own = mapping(data.get("securityContext"))
        self.security: Mapping[str, Any] = {**shared, **self.own} if shared else self.own
        capabilities = mapping(self.own.get("capabilities"))
        self.add = texts(capabilities.get("add"))
        dropped = capabilities.get("drop")
        self.drop = texts(dropped) if dropped is not None else None
        self.words = words(data.get("command"), data.get("args"))
        self._flags: Mapping[str, Sequence[str]] | None = None

    @property
    def cause(self) -> Cause:
        return self.pod.object.item(self.data)

    @property
    def subject(self) -> str:
        """What messages call it."""
        return f"Container '{self.name}' of {self.pod.object.subject}"

    @property
    def flags(self) -> Mapping[str, Sequence[str]]:
        """The options of its command line by name, each with its values in order."""
        if self._flags is None:
            self._flags = flags(self.words)
        return self._flags

    def below(self, *keys: str) -> Cause:
        """Where what is under these keys stands; as deep as there is something, the container itself at least."""
        if keys[0] not in self.data.places:
            return self.cause
        return self.pod.object.below(self.data, *keys)

    @property
    def drops_all(self) -> bool:
        """Whether it gives up all capabilities."""
        return any(name.upper() == "ALL" for name in self.drop or ())

    @property
    def ports(self) -> list[Map]:
        return maps(self.data.get("ports"))

    def adds(self, capability: str) -> bool:
        """Whether it asks for a capability, with or without `CAP_` in front."""
        return any(name.upper().removeprefix("CAP_") == capability for name in self.add)

    def resource(self, kind: str, name: str) -> Any:
        """An amount of its `resources`: kind is `limits` or `requests`."""
        return mapping(mapping(self.data.get("resources")).get(kind)).get(name)


class Rule:
    """A rule of a role."""

    __slots__ = ("data", "groups", "names", "resources", "role", "verbs")

    def __init__(self, role: Role, data: Map) -> None:
        self.role, self.data = role, data
        self.groups = frozenset(texts(data.get("apiGroups")))
        self.resources = frozenset(texts(data.get("resources")))
        self.verbs = frozenset(texts(data.get("verbs")))
        self.names = frozenset(texts(data.get("resourceNames")))

    @property
    def cause(self) -> Cause:
        return self.role.object.item(self.data)

    @property
    def subject(self) -> str:
        """What messages call its role."""
        return self.role.object.subject


class Role:
    """A Role or ClusterRole."""

    __slots__ = ("object", "rules")

    def __init__(self, object_: Object) -> None:
        self.object = object_
        self.rules = [Rule(self, data) for data in maps(object_.data.get("rules"))]

    @property
    def cause(self) -> Cause:
        return self.object.cause


class Binding:
    """A RoleBinding or ClusterRoleBinding. role: the name of what it gives."""

    __slots__ = ("object", "reference", "role", "subjects")

    def __init__(self, object_: Object) -> None:
        self.object = object_
        self.reference = mapping(object_.data.get("roleRef"))
        self.role = text(self.reference.get("name"))
        self.subjects = maps(object_.data.get("subjects"))

    @property
    def cause(self) -> Cause:
        return self.object.cause

    @property
    def subject(self) -> str:
        """What messages call it."""
        return self.object.subject


def pods(object_: Object) -> Iterator[Pod]:
    """The pods and templates of pods an object holds."""
    path = POD_PATHS.get(object_.kind)
    if path is not None:
        holder = object_.data
        for key in path:
            holder = mapping(holder.get(key))
        if isinstance(holder.get("spec"), Map):
            yield Pod(object_, holder)
    elif object_.kind not in SINGLE and object_.kind != "CustomResourceDefinition":
        for holder in _templates(object_.spec, DEEPEST):
            yield Pod(object_, holder)


def _templates(value: Any, depth: int) -> Iterator[Map]:
    """Templates of pods in an object of another kind: `template` with a `spec` that has containers."""
    if depth == 0:
        return
    if isinstance(value, Map):
        template = mapping(value.get("template"))
        if isinstance(mapping(template.get("spec")).get("containers"), list):
            yield template
            return
    children: Iterable[Any] = value.values() if isinstance(value, Map) else value if isinstance(value, list) else ()
    for child in children:
        if isinstance(child, (Map, list)):
            yield from _templates(child, depth - 1)


def by_path(objects: Iterable[Object], problems: list[Problem]) -> dict[str, list[Any]]:
    """What checks of each path are about. What is left out is added to the problems."""
    found: dict[str, list[Any]] = {}
    parts = 0

    def put(path: str, part: Any) -> None:
        found.setdefault(path, []).append(part)

    for object_ in objects:
        if parts > MOST_PARTS:
            what = f"has more than {MOST_PARTS} pods, containers and rules; what begins here is left out"
            problems.append(Problem(f"{object_.file}:{object_.cause.start}", what))
            break
        put("kubernetes.object", object_)
        for pod in islice(pods(object_), MOST_PARTS + 1):
            put("kubernetes.pod", pod)
            parts += 1 + len(pod.containers)
            for container in pod.containers:
                put("kubernetes.container", container)
                running = program(container.words)
                if running:
                    put(PROGRAMS[running], container)
        if object_.kind in ("Role", "ClusterRole"):
            role = Role(object_)
            put("kubernetes.role", role)
            found.setdefault("kubernetes.rule", []).extend(role.rules)
            parts += len(role.rules)
        elif object_.kind in ("RoleBinding", "ClusterRoleBinding"):
            put("kubernetes.binding", Binding(object_))
        elif object_.kind in SINGLE:
            put(SINGLE[object_.kind], object_)
    for path in ("kubernetes.pod", "kubernetes.container", "kubernetes.rule"):
        if len(found.get(path, ())) > MOST_PARTS:
            del found[path][MOST_PARTS:]
            what = f"has more than {MOST_PARTS} {path.partition('.')[2]}s; the rest is left out"
            problems.append(Problem(found[path][0].cause.file, what))
    return found
