"""Checks of Compute."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.oracle.compute import AddressReservation


@check(
    "OCI-0001",
    "oracle.compute.address_reservations",
    severity="CRITICAL",
    code="no-public-ip",
    title="Addresses should not be reserved from the public pool",
    why="An instance with an address of the public pool can be reached, and attacked, from the whole internet.",
    fix="Reserve the address from a pool of your own.",
    references=(
        "https://docs.oracle.com/en-us/iaas/compute-cloud-at-customer/topics/network/reserving-a-public-ip.htm",
    ),
)
def not_public(reservation: AddressReservation) -> Flaws:
    if reservation.pool.equals("public-ippool"):
        yield flaw("Address is reserved from the public pool.", reservation.pool)
