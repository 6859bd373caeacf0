"""The base of the model: typed objects with a cause, and services that languages fill.

The model's paths are those that custom checks of the field know: `aws.s3.buckets[].logging.targetbucket` is the
attribute `logging.target_bucket` of a `Bucket`: the field's name without underscores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from vigie.misconfig.graph import Graph
from vigie.misconfig.value import UNMANAGED, Attribute, Cause

T = TypeVar("T")


class Resource(Struct, kw_only=True):
    """An object of the model. cause: where it stands; `UNMANAGED` for a placeholder."""

    cause: Cause = UNMANAGED


def absent(default: T) -> Attribute[T]:
    """A leaf that nothing fills: the default of a model's field, and what placeholders hold."""
    return Attribute(default, UNMANAGED, explicit=False)


class Adapter(Struct, frozen=True):
    """How one language fills a service: `fill` makes the service's object from a graph; it runs when the graph has
    one of the types (`always`: in any case)."""

    types: tuple[str, ...]
    fill: Callable[[Graph], Resource]
    always: bool = False


class Service(Struct, frozen=True, kw_only=True):
    """A service of a provider: `aws.s3`. The path is also where its modules stand: `resources/aws/s3.py`,
    `checks/aws/s3.py`."""

    path: str
    model: type[Resource]
    terraform: Adapter | None = None
    cloudformation: Adapter | None = None
