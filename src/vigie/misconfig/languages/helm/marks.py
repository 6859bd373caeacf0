"""From lines of a rendered document back to lines of its template.

Each line of a template that becomes something gets an invisible mark at its end, with its number. What is rendered from
it then says where each of its lines comes from; a line without a mark comes from what stands on the next one that has
one (the lines of an `include`). It counts only when it has as many lines as what was rendered without marks.

Source of the syntax: https://pkg.go.dev/text/template
"""

from __future__ import annotations

import re
from functools import cache

LONGEST = 1 << 18
"""Characters of a template that gets marks."""
OPENS = frozenset({"if", "range", "with", "define", "block"})
SILENT = frozenset({*OPENS, "else", "end", "break", "continue"})


@cache
def _action() -> re.Pattern[str]:
    """An action, comments included: strings may hold its end."""
    return re.compile(
        r"""\{\{-?\s*(?P<word>\w+)?(?P<sets>(?:\$\w*\s*,\s*)?\$\w*\s*:?=(?!=))?"""
        r"""(?:"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])*'|/\*.*?\*/|/(?!\*)|[^}"`'/]|\}(?!\}))*+\}\}""",
        re.DOTALL,
    )


@cache
def _mark() -> re.Pattern[str]:
    return re.compile("\x1e(\\d+)\x1f")


def mark(template: str) -> str | None:
    """The template with marks; None for one that is too long or cannot be understood."""
    if len(template) > LONGEST or "\x1e" in template:
        return None
    out: list[str] = []
    blocks: list[bool] = []  # of the open ones, whether what they hold is rendered somewhere else
    line, at, here = 1, 0, 0  # here: the line that what is rendered at the moment began on, 0 for none
    trims = False  # whether whitespace that follows is left out, which a mark would keep

    def text(piece: str) -> None:
        nonlocal line, here, trims
        for part in re.split(r"(\r?\n)", piece):
            if part.endswith("\n"):
                if here and not trims and not any(blocks):
                    out.append(f"\x1e{here}\x1f")
                if not trims:
                    here = 0
                line += 1
            elif part and not part.isspace():
                here, trims = here or line, False
            out.append(part)

    while True:
        start = template.find("{{", at)
        text(template[at : start if start >= 0 else len(template)])
        if start < 0:
            break
        found = _action().match(template, start)
        if found is None:
            return None
        action, word = found[0], found["word"]
        silent = word in SILENT or found["sets"] is not None or "/*" in action[:6]
        if word == "end" and blocks:
            blocks.pop()
        elif word in OPENS:
            blocks.append(word in ("define", "block"))
        if not silent:
            here = here or line
        out.append(action)
        line += action.count("\n")
        trims = action.endswith("-}}")
        at = found.end()
    if here and not trims and not any(blocks):
        out.append(f"\x1e{here}\x1f")
    return "".join(out)


def lines(rendered: str, marked: str | None) -> list[int] | None:
    """For each line of a rendered document the line of its template; None when the marks changed what was rendered."""
    if marked is None:
        return None
    found = marked.split("\n")
    if len(found) != rendered.count("\n") + 1:
        return None
    numbers = [int(match[1]) if (match := _mark().search(line)) else 0 for line in found]
    following = 0
    for index in range(len(numbers) - 1, -1, -1):
        following = numbers[index] = numbers[index] or following
    before = 0
    for index, number in enumerate(numbers):
        before = numbers[index] = number or before
    return numbers if before else None
