"""What the web endpoints answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from vigie import __version__
from vigie.runtime.daemon import prometheus
from vigie.runtime.daemon.figures import Figures
from vigie.runtime.daemon.web import Page
from vigie.runtime.rules.collect import ENGINE, PLUGINS
from vigie.settings.watch.keys import WatchKeys

PLUGIN_API = "3.12.0"
"""Of the peer's plugins whose events and fields are built in."""


STUCK = 60.0
"""Seconds after which a source that did not look at its counters is told as not healthy."""


def pages(keys: WatchKeys, figures: Figures) -> dict[str, Callable[[], Page]]:
    """By path. Metrics are there when they are switched on."""
    found = {keys.webserver.k8s_healthz_endpoint: lambda: health(figures), "/versions": versions}
    if keys.metrics.enabled and keys.webserver.prometheus_metrics_enabled:
        found["/metrics"] = lambda: Page(prometheus.TYPE, prometheus.text(figures, keys.metrics))
    return found


def health(figures: Figures) -> Page:
    """The process answers, and its sources of events move."""
    now = time.monotonic()
    for source in figures.sources:
        if source.runs and now - source.sample.time > STUCK:
            body = json.dumps({"status": f"the source of events {source.name} does not move"}).encode()
            return Page("application/json", body, 503)
    return Page("application/json", b'{"status": "ok"}')


def versions() -> Page:
    """What rules and plugins may ask for. There is no driver of its own version here."""
    document = {
        "vigie_version": __version__,
        "falco_version": __version__,
        "libs_version": __version__,
        "plugin_api_version": PLUGIN_API,
        "driver_api_version": "",
        "driver_schema_version": "",
        "default_driver_version": "",
        "engine_version": str(ENGINE.minor),
        "engine_version_semver": str(ENGINE),
        "plugin_versions": {name: str(version) for name, version in PLUGINS.items()},
    }
    return Page("application/json", json.dumps(document).encode())
