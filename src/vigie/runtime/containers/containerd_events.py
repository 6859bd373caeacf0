"""What containerd tells of containers as it happens; CRI hears of its own ones here, too, where it has no such call.

| message | fields (github.com/containerd/containerd, api/) |
|---|---|
| services.events.v1 SubscribeRequest | 1 filters |
| services.events.v1 Envelope | 2 namespace, 3 topic, 4 event: 2 value |
| events ContainerCreate | 1 id, 2 image |
| events ContainerDelete, TaskStart | 1 id |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.engine import Change, usable
from vigie.runtime.containers.grpc import Grpc
from vigie.runtime.containers.protobuf import Message, field

TOPICS = {"/containers/create": "create", "/tasks/start": "start", "/containers/delete": "remove"}
SUBSCRIBE = "/containerd.services.events.v1.Events/Subscribe"


def told(grpc: Grpc, connection: Connection, wanted: Callable[[str], bool]) -> Iterator[Change]:
    """Changes in the namespaces that are wanted, and what is removed in others. Raises EngineError."""
    request = b"".join(field(1, f'topic=="{topic}"') for topic in TOPICS)
    for answer in grpc.stream(SUBSCRIBE, request, connection):
        envelope = Message(answer)
        action, event = TOPICS.get(envelope.text(3)), envelope.message(4, 2)
        own = wanted(envelope.text(2))
        if action is not None and (own or action == "remove") and usable(event.text(1)):
            yield Change(action, event.text(1), event.text(2) if action == "create" else "", own)
