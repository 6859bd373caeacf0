"""Grants of IAM: who has which role, one by one (members) or all of a role at once (bindings)."""

from __future__ import annotations

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.resources.google.parts import default_account, partly, partly_listed
from vigie.misconfig.value import Attribute


class Member(Resource):
    """member: `user:jane@example.com`, `serviceAccount:…`, `allUsers` …; may hold `UNRESOLVED` after the kind.
    default_service_account: whether it is the default one of Compute or App Engine."""

    member: Attribute[str] = absent("")
    role: Attribute[str] = absent("")
    default_service_account: Attribute[bool] = absent(False)

    @property
    def holders(self) -> list[Attribute[str]]:
        """Who has the role."""
        return [self.member]

    @property
    def default_account(self) -> Attribute[bool]:
        return self.default_service_account


class Binding(Resource):
    """members: as of `Member`. includes_default_service_account: whether one of them is such an account."""

    members: list[Attribute[str]] = []
    role: Attribute[str] = absent("")
    includes_default_service_account: Attribute[bool] = absent(False)

    @property
    def holders(self) -> list[Attribute[str]]:
        """Who has the role."""
        return self.members

    @property
    def default_account(self) -> Attribute[bool]:
        return self.includes_default_service_account


Grant = Member | Binding


def member(block: Block) -> Member:
    """A resource `google_…_iam_member`."""
    found = block.find("member")
    name = partly(block, "member")
    return Member(
        cause=block.cause,
        member=name,
        role=block.string("role"),
        default_service_account=default_account(plain(found.value) if found else None, name),
    )


def binding(block: Block) -> Binding:
    """A resource `google_…_iam_binding`."""
    listed = partly_listed(block, "members")
    included = Attribute(False, block.raw("members")[1], explicit=bool(listed))
    for value, name in listed:
        one = default_account(value, name)
        if one.known and one.value:
            included = one
            break
        if not one.known:
            included = one
    return Binding(
        cause=block.cause,
        members=[name for _, name in listed],
        role=block.string("role"),
        includes_default_service_account=included,
    )
