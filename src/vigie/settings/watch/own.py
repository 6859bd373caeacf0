"""Keys that the peer does not have. They may stand in falco.yaml too."""

from msgspec import Struct


class RepeatedAlerts(Struct, forbid_unknown_fields=True):
    """Alerts that say the same within `window` are told once, and counted; "" to tell all. most: different alerts that
    are remembered at a time."""

    window: str = ""
    most: int = 2_000


class Shedding(Struct, forbid_unknown_fields=True):
    """Whether event types that only unimportant rules look at are given up while the kernel delivers too much."""

    enabled: bool = True


class Kubernetes(Struct, forbid_unknown_fields=True):
    """What the API server is asked for."""

    labels: bool = False
