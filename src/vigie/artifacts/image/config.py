"""The image configuration: which layers, and what made each of them (OCI image specification, `config.md`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from vigie.errors import TargetError
from vigie.oci.manifests import parse_document
from vigie.oci.references import is_digest

_MOST_LAYERS = 10_000


def read_config(data: bytes, where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The configuration document and its diff ids. Raises TargetError when it is not the configuration of an image."""
    document = parse_document(data, f"{where}: image configuration")
    rootfs = document.get("rootfs")
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if diff_ids is None and isinstance(rootfs, dict):
        diff_ids = []
    if not isinstance(diff_ids, list) or len(diff_ids) > _MOST_LAYERS:
        raise TargetError(f"{where}: its configuration does not list the layers of an image")
    for diff_id in diff_ids:
        if not isinstance(diff_id, str) or not is_digest(diff_id):
            raise TargetError(f"{where}: its configuration lists a layer without a usable digest")
    return document, tuple(diff_ids)


def build_commands(config: dict[str, Any], layers: int) -> Sequence[str]:
    """What made each layer, from the history without its empty entries; all empty when the counts differ.

    The shell in front (`/bin/sh -c `) and Docker's `#(nop) ` are cut off, as the peer does.
    """
    history = config.get("history")
    entries = [entry for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []
    full = [entry for entry in entries if not entry.get("empty_layer")]
    if len(full) != layers:
        return [""] * layers
    return [_command(entry.get("created_by")) for entry in full]


def _command(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return re.sub(r"\A(?:/bin/sh -c )?(?:#\(nop\) )?", "", text)
