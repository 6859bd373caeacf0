"""All rules in one matcher: it finds what each expression finds alone."""

from __future__ import annotations

import re

from vigie._core import SecretMatcher
from vigie.secrets.examples import fill
from vigie.secrets.rules import load, read_folder

RULES = load()
EXAMPLES = [fill(text, rule.id) for rule in read_folder() for text in (*rule.examples, *rule.excluded)]


def alone(data: bytes) -> set[tuple[int, int, int, int, int]]:
    found = set()
    for index, rule in enumerate(RULES):
        expression = re.compile(rule.pattern.encode(), re.MULTILINE)
        group = "secret" if "secret" in expression.groupindex else 0
        found.update((index, *match.span(), *match.span(group)) for match in expression.finditer(data))
    return found


def test_all_rules_together() -> None:
    matcher = SecretMatcher([(rule.pattern, rule.keywords) for rule in RULES])
    data = "\n\n".join(EXAMPLES).encode()
    found = matcher.find(data)
    assert len(found) == len(set(found)) > len(RULES)
    assert set(found) == alone(data)
    assert [start for _, start, *_ in found] == sorted(start for _, start, *_ in found)


def test_examples_one_by_one() -> None:
    matcher = SecretMatcher([(rule.pattern, rule.keywords) for rule in RULES])
    for example in EXAMPLES:
        assert set(matcher.find(example.encode())) == alone(example.encode()), example
