"""What checks of the control plane ask about the options of a program. Each yields the flaws of one container."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.languages.kubernetes.objects import Container


def required(container: Container, *names: str) -> Flaws:
    """These options must be there."""
    missing = [name for name in names if name not in container.flags]
    if missing:
        yield flaw(f"{container.subject} does not set {_listed(missing)}.", container)


def value(container: Container, name: str, wanted: str) -> Flaws:
    """An option must have this value."""
    values = container.flags.get(name)
    if values is None:
        yield flaw(f"{container.subject} does not set '--{name}={wanted}'.", container)
    elif values[-1] != wanted:
        yield flaw(f"{container.subject} sets '--{name}={values[-1]}' instead of '{wanted}'.", container)


def forbidden(container: Container, name: str, *values: str) -> Flaws:
    """An option must not be there, or must not have one of these values."""
    found = container.flags.get(name)
    if found is not None and (not values or found[-1] in values):
        yield flaw(f"{container.subject} sets '--{name}{'=' + found[-1] if values else ''}'.", container)


def includes(container: Container, name: str, *items: str) -> Flaws:
    """The list that an option holds must have one of these items."""
    if _items(container, name).isdisjoint(items):
        wanted = " or ".join(f"'{item}'" for item in items)
        yield flaw(f"{container.subject} does not list {wanted} in '--{name}'.", container)


def excludes(container: Container, name: str, item: str) -> Flaws:
    """The list that an option holds must not have this item."""
    if item in _items(container, name):
        yield flaw(f"{container.subject} lists '{item}' in '--{name}'.", container)


def _items(container: Container, name: str) -> set[str]:
    return {item.strip() for value in container.flags.get(name, ()) for item in value.split(",")}


def _listed(names: list[str]) -> str:
    return " and ".join(f"'--{name}'" for name in names)
