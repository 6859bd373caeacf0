"""Checks of look-ups of machine images, which stand in EC2's model."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.ec2.model import RequestedAmi


@check(
    "AWS-0344",
    "aws.ec2.requested_amis",
    service="ami",
    severity="LOW",
    code="ensure-ami-has-owners",
    title="Look-ups of machine images should name their owners",
    why="Anybody may publish an image whose name matches. Without owners the look-up may find it, and machines start "
    "from a stranger's image.",
    fix="List the `owners`: account ids, `self`, or an alias such as `amazon`.",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharing-amis.html",),
)
def owners(request: RequestedAmi) -> Flaws:
    if not request.owners:
        yield flaw("The look-up names no owners.", request)
