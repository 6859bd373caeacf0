"""Texts of which only a part is known here, and whether they name a default service account.

Service accounts and members are most often written around a project's number or another resource's address:
`"${data.google_project.this.number}-compute@developer.gserviceaccount.com"`. What is known of such a text decides.
"""

from __future__ import annotations

from typing import Any

from vigie.misconfig.graph import Block, plain, text
from vigie.misconfig.value import UNRESOLVED, Attribute, Cause, Unknown

DEFAULT_ACCOUNTS = ("-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com")
"""https://cloud.google.com/iam/docs/service-account-types#default"""

_DEFAULT_SOURCES = ("google_compute_default_service_account", "google_app_engine_default_service_account")


def partly(block: Block, path: str, default: str = "") -> Attribute[str]:
    """As `block.string`, but a text that is known in part counts as known, with `UNRESOLVED` where it is not."""
    found, cause = block.raw(path)
    if found is None:
        return Attribute(default, cause, explicit=False)
    return partly_known(found.value, cause)


def partly_known(value: Any, cause: Cause) -> Attribute[str]:
    """A value as a text, known when a part of it is."""
    value = plain(value)
    if isinstance(value, Unknown):
        if value.like and value.like != UNRESOLVED:
            return Attribute(value.like, cause)
        if _source_type(value) in ("google_service_account", *_DEFAULT_SOURCES):
            if value.attribute == "member":
                return Attribute(f"serviceAccount:{UNRESOLVED}", cause)
            if value.attribute == "email":
                return Attribute("", cause, known=False, filled=True)
    return text(value, cause)


def required(block: Block, path: str) -> Attribute[str]:
    """As `partly`, of an argument that its block cannot be without: where it is written it is not empty."""
    found = partly(block, path)
    if not found.known:
        found.filled = True
    return found


def partly_listed(block: Block, path: str) -> list[tuple[Any, Attribute[str]]]:
    """A list of texts, each with the value it was made of; one unknown element when the whole list is not known."""
    found, cause = block.raw(path)
    if found is None:
        return []
    value = plain(found.value)
    items = value if isinstance(value, (list, tuple)) else [value]
    return [(item, partly_known(item, cause)) for item in items]


def default_account(value: Any, known: Attribute[str]) -> Attribute[bool]:
    """Whether a value, or the text that it is known as, names the default service account of Compute or App Engine."""
    value = plain(value)
    if known.known and not known.value.endswith(UNRESOLVED):
        return known.holds(lambda account: account.endswith(DEFAULT_ACCOUNTS))
    if isinstance(value, Unknown) and value.source is not None:
        # The account that such a data source finds is a default one; those of resources never are.
        return Attribute(_source_type(value) in _DEFAULT_SOURCES, known.cause)
    return Attribute(False, known.cause, known=False)


def _source_type(value: Unknown) -> str:
    return str(getattr(value.source, "type", "")).removeprefix("data.")
