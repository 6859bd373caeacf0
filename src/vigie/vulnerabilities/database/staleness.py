"""Whether what answered is too old to be relied on."""

from __future__ import annotations

from datetime import date

from vigie.model.report import Knowledge, KnowledgeAge

MOST_DAYS = 30
MOST_NAMED = 5


def stale(knowledge: Knowledge, today: date) -> list[str]:
    """What to say about sources older than 30 days, or of unknown age; empty when all are fresh. One sentence for
    all."""
    sources = knowledge.sources or (KnowledgeAge(source=f"the {knowledge.kind} database", date=knowledge.date),)
    old = [(source, days) for source in sources if (days := age(source.date, today)) is None or days > MOST_DAYS]
    if not old:
        return []
    old.sort(key=lambda pair: (pair[1] is not None, -(pair[1] or 0)))
    named = [f"{source.source} ({_said(source.date, days)})" for source, days in old[:MOST_NAMED]]
    more = f" and {len(old) - MOST_NAMED} more" if len(old) > MOST_NAMED else ""
    return [f"newer vulnerabilities may be missing, these advisories are old: {', '.join(named)}{more}"]


def age(day: str, today: date) -> int | None:
    """Days since `YYYY-MM-DD`; None when that is no date."""
    try:
        return (today - date.fromisoformat(day)).days
    except ValueError:
        return None


def _said(day: str, days: int | None) -> str:
    return "of unknown age" if days is None else f"{day}, {days} days"
