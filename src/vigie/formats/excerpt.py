"""What findings that stand in files share in the table: a heading, an explanation, paragraphs, and lines of the file
with the cause marked, as wide as the report is.

23   resource "aws_s3_bucket_acl" "this" {
24     bucket = aws_s3_bucket.this.id
25 ▌   acl    = var.acl
26   }
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vigie.formats.grid import SEVERITY_STYLES, paint, shown, width_of, wrap
from vigie.model.advisory import Severity
from vigie.model.misconfiguration import CodeLine
from vigie.scanner.writer import View

PLACES = 20
"""Places of one check or rule in one file that are shown; the JSON report has them all."""
EXCERPTS = 5
"""Those of them that are shown with their lines."""
WHOLE = 3
"""Lines shown of a block that is the cause as a whole: enough to know it again."""
PART = 6


def paragraph(text: str, view: View, indent: int = 2, style: str = "") -> list[str]:
    """The lines of a text, in one style of `grid.STYLES`."""
    return [" " * indent + paint(line, style, view.colour) for line in wrap(text, max(view.width - indent, 20))]


def heading(severity: Severity, id_: str, title: str, view: View) -> Iterator[str]:
    """`HIGH AWS-0092  S3 buckets should not …`"""
    first, *rest = wrap(title, max(view.width - width_of(f"{severity} {id_}  "), 20)) or [""]
    told = paint(severity, SEVERITY_STYLES[severity], view.colour)
    yield f"{told} {paint(id_, 'bold', view.colour)}  {paint(first, 'bold', view.colour)}"
    yield from (paint(f"  {line}", "bold", view.colour) for line in rest)


def explanation(why: str, fix: str, url: str, view: View, ask: str = "To mend it") -> Iterator[str]:
    """Why it matters, what to do (behind `ask`), and where to read on; of texts that are not empty."""
    yield from paragraph(why, view)
    if fix:
        yield from paragraph(f"{ask}: {fix}", view)
    if url:
        yield paint(f"  {shown(url)}", "dim", view.colour)


def more_places(count: int) -> tuple[str, ...]:
    """What stands in place of the places that are not shown."""
    return "", f"  and {count} more place{'s' if count > 1 else ''}, which --format json lists"


def shortened(code: Sequence[CodeLine]) -> Iterator[CodeLine]:
    """The excerpt without the rest of a long cause, whose first lines are enough."""
    most = PART if any(not line.is_cause and not line.truncated for line in code) else WHOLE
    causes = sum(line.is_cause for line in code)
    if causes <= most + 1:
        yield from code
        return
    seen = 0
    for line in code:
        seen += line.is_cause
        if not line.is_cause or seen <= most:
            if not (line.truncated and seen > most):
                yield line
        elif seen == most + 1:
            yield CodeLine(line.number, truncated=True)


def excerpt(code: Iterable[CodeLine], severity: Severity, view: View) -> Iterator[str]:
    """The lines with their numbers, those of the cause marked."""
    for line in code:
        yield _line(line, severity, view)


def _line(line: CodeLine, severity: Severity, view: View) -> str:
    if line.truncated:
        return paint("         ⋮", "dim", view.colour)
    text = shown(line.content.expandtabs(4))
    room = max(view.width - 11, 20)
    if width_of(text) > room:
        text = text[: room - 1]
        while width_of(text) > room - 1:  # letters of two columns
            text = text[:-1]
        text += "…"
    if not line.is_cause:
        return paint(f"  {line.number:>5}   {text}".rstrip(), "dim", view.colour)
    return f"  {line.number:>5} {paint('▌', SEVERITY_STYLES[severity], view.colour)} {text}".rstrip()
