"""From sightings to candidates: paths, comments, allow rules and blocks; and what is remembered of a secret where."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.errors import RuleError
from vigie.model.inventory import Configuration, PartFacts
from vigie.model.secret import SecretCandidate
from vigie.scanner.cache import cache_key
from vigie.secrets.allow import GLOBAL, SKIPPED, AllowRule
from vigie.secrets.analyzer import SecretReading, shortened, tag
from vigie.secrets.examples import fill
from vigie.secrets.rule_set import Block, RuleSet
from vigie.secrets.rules import SecretRule
from vigie.secrets.rules import load as load_rules
from vigie.settings.groups import ScanOptions, SecretOptions

OURS = RuleSet(load_rules(), GLOBAL, SKIPPED, digest="d")
TOKEN, OTHER = (fill("${github:ghp_}", seed) for seed in ("one", "two"))


def own(pattern: str, **more: Any) -> SecretRule:
    texts = {"title": "t", "category": "c", "why": "w", "fix": "f", "url": "https://acme.example/"}
    return SecretRule(**({"id": "own", "severity": "HIGH", "keywords": (), "pattern": pattern} | texts | more))


def read(
    content: str | bytes, path: str = "a.env", rule_set: RuleSet = OURS, options: Any = None, **more: Any
) -> list[SecretCandidate]:
    reading = SecretReading(rule_set, options or SecretOptions(), **more)
    candidates, problems = reading.of_text(path, content.encode() if isinstance(content, str) else content)
    assert problems == []
    return candidates


def of_rule(id_: str, candidates: list[SecretCandidate]) -> list[SecretCandidate]:
    return [one for one in candidates if one.rule == id_]


def test_a_candidate_is_masked_and_placed() -> None:
    (one,) = of_rule("github-pat", read(f"a\nTOKEN={TOKEN}\nb\n"))
    assert (one.path, one.start, one.end, one.start_column, one.offset) == ("a.env", 2, 2, 7, 8)
    assert one.match == "TOKEN=" + "*" * 40
    assert [(line.number, line.content, line.is_cause) for line in one.code[:3]] == [
        (1, "a", False),
        (2, "TOKEN=" + "*" * 40, True),
        (3, "b", False),
    ]
    assert (one.code[1].first, one.code[1].last) == (True, True)
    assert (one.confidence, one.noise) == ("high", False)
    assert one.tag == tag("github-pat", TOKEN) and len(one.tag) == 5
    encoded = msgspec.json.encode(one).decode()
    assert not any(TOKEN[at : at + 8] in encoded for at in range(4, 32))


def test_values_are_remembered_but_never_shown() -> None:
    reading = SecretReading(OURS, SecretOptions())
    (one,) = of_rule("github-pat", reading.of_text("a", f"TOKEN={TOKEN}\n".encode())[0])
    value = reading.values[one.rule, one.path, one.tag]
    assert value.secret == TOKEN
    assert TOKEN not in repr(value) + str(value) + repr(reading.values)
    noise = reading.of_text("b", b"TOKEN=ghp_" + b"x" * 36 + b"\n")[0]
    assert all(one.noise for one in noise)
    assert {key[1] for key in reading.values} == {"a"}


def test_ids_that_are_hidden_elsewhere_are_shortened() -> None:
    assert shortened("AKIAABCDEFGHIJKLMNOP") == "AKIA…MNOP"
    assert shortened("short") == "…"
    both = fill("[default]\naws_access_key_id = ${aws:AKIA}\naws_secret_access_key = ${base64:40}\n", "x")
    id_ = both.split("\n")[1].rpartition(" ")[2]
    (pair,) = of_rule("aws-access-key-pair", read(both))
    assert pair.key_id == f"{id_[:4]}…{id_[-4:]}"


def test_paths_of_rules() -> None:
    rule_set = RuleSet((own("key_[a-z]{8}", path=r"^(?:/app/)?\.env$|inner\.txt$"),), (), ())
    assert [one.path for one in read("key_abcdwxyz", ".env", rule_set)] == [".env"]
    assert read("key_abcdwxyz", "app/.env", rule_set) == []
    assert [one.path for one in read("key_abcdwxyz", "app/.env", rule_set, rooted=True)] == ["app/.env"]


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_archives_have_inner_names() -> None:
    content = zipped(conf__app_txt=f"TOKEN={TOKEN}\n", tests__x=f"TOKEN={OTHER}\n")
    assert read(content, "a.jar") == []
    (one,) = of_rule("github-pat", read(content, "a.jar", options=SecretOptions(archives=1)))
    assert one.path == "a.jar!conf/app_txt"  # the other lies among tests
    both = of_rule("github-pat", read(content, "a.jar", options=SecretOptions(archives=1), show_suppressed=True))
    assert {(one.path, one.allow.partition(":")[0]) for one in both} == {
        ("a.jar!conf/app_txt", ""),
        ("a.jar!tests/x", "tests"),
    }


def test_binaries_when_asked() -> None:
    content = bytes(range(32)) * 8 + TOKEN.encode() + bytes(64)
    assert read(content, "a.exe") == []
    (one,) = of_rule("github-pat", read(content, "a.exe", options=SecretOptions(binaries=True)))
    assert one.offset == 256


@pytest.mark.parametrize(
    ("comment", "allows"),
    [
        ("# gitleaks:allow", True),
        ("// trivy:ignore", True),
        ("# trivy:ignore:github-pat", True),
        ("# trivy:ignore:aws-access-key-id", False),
        ("# trivy:ignore:aws-access-key-id,github-pat", True),
        ("# vigie:ignore:github-pat", True),
        ("# nothing", False),
    ],
)
def test_comments(comment: str, allows: bool) -> None:
    (one,) = of_rule("github-pat", read(f"TOKEN={TOKEN} {comment}\n"))
    assert bool(one.allow) is allows
    assert not allows or comment.endswith(one.allow_source)


def test_allow_rules() -> None:
    def allowed(rule: AllowRule, path: str = "a.env", **more: Any) -> list[tuple[str, str]]:
        rules = RuleSet(OURS.rules, (rule,), (), source="mine.yaml", **more)
        return [(one.allow, one.allow_source) for one in of_rule("github-pat", read(f"TOKEN={TOKEN}\n", path, rules))]

    assert allowed(AllowRule("x", "known", regexes=(f"^{TOKEN[:12]}",))) == [("x: known", "mine.yaml")]
    assert allowed(AllowRule("x", "known", regexes=("^nothing",))) == [("", "")]
    assert allowed(AllowRule("x", "known", regexes=("^ghp_",), rules=("other",))) == [("", "")]
    assert allowed(AllowRule("x", "known", regexes=("^TOKEN=ghp_",), target="line")) == [("x: known", "mine.yaml")]
    assert allowed(AllowRule("x", "known", paths=(r"\.env$",), rules=("github-pat",))) == [("x: known", "mine.yaml")]


def test_places_that_are_passed_over() -> None:
    where = "lib/test/a.env"
    assert read(f"TOKEN={TOKEN}\n", where) == []
    (one,) = of_rule("github-pat", read(f"TOKEN={TOKEN}\n", where, show_suppressed=True))
    assert (one.allow, one.allow_source) == ("tests: files of tests often hold made-up credentials", "vigie")
    (one,) = of_rule("github-pat", read(f"TOKEN={TOKEN}\n", where, options=SecretOptions(all_paths=True)))
    assert one.allow == ""
    # Paths of a system begin with a slash, as the reference's do in images.
    assert read(f"TOKEN={TOKEN}\n", "vendor/x", rooted=True) == []
    assert len(of_rule("github-pat", read(f"TOKEN={TOKEN}\n", "vendor/x"))) == 1


def test_what_the_walk_is_told() -> None:
    search = SecretReading(OURS, SecretOptions()).search
    assert search.skipped == SKIPPED and len(search.passed_over) == len(GLOBAL)
    shown = SecretReading(OURS, SecretOptions(), show_suppressed=True).search
    assert shown.skipped == SKIPPED and shown.passed_over == ()
    everything = SecretReading(OURS, SecretOptions(all_paths=True)).search
    assert everything.skipped == () and everything.passed_over == ()


def test_blocks_in_which_nothing_counts() -> None:
    block = Block(r"# begin(?P<secret>)[\s\S]{0,200}# end", "made up", rules=())
    rules = RuleSet(OURS.rules, (), (), blocks=(block,), source="mine.yaml")
    text = f"A={TOKEN}\n# begin\nB={TOKEN}\n# end\nC={OTHER}\n"
    found = of_rule("github-pat", read(text, rule_set=rules))
    assert [(one.start, one.allow, one.allow_source) for one in found] == [
        (1, "", ""),
        (3, "made up", "mine.yaml"),
        (5, "", ""),
    ]
    about_others = RuleSet(OURS.rules, (), (), blocks=(msgspec.structs.replace(block, rules=("other",)),))
    assert not any(one.allow for one in of_rule("github-pat", read(text, rule_set=about_others)))


def test_what_decides_the_key_of_the_cache() -> None:
    def key(rule_set: RuleSet = OURS, options: Any = None, **more: Any) -> str:
        analyzer = SecretReading(rule_set, options or SecretOptions(), **more).analyzer
        return cache_key("sha256:1", [analyzer], ScanOptions())

    keys = [
        key(),
        key(msgspec.structs.replace(OURS, digest="e")),
        key(show_suppressed=True),
        key(rooted=True),
        *(key(options=one) for one in (SecretOptions(archives=1), SecretOptions(archives=2))),
        *(key(options=one) for one in (SecretOptions(binaries=True), SecretOptions(all_paths=True))),
    ]
    assert len(set(keys)) == len(keys)
    assert key(options=SecretOptions(min_confidence="high")) == key()  # judged after the cache


def test_files_that_are_kept_whole_hold_no_secret_that_was_found() -> None:
    reading = SecretReading(OURS, SecretOptions())
    candidates = tuple(reading.of_text("app/.env", f"TOKEN={TOKEN}\n".encode())[0])
    main = Configuration("terraform", "main.tf", b'x = "y"\n')
    with_it = Configuration("terraform", "main.tf", f'x = "z{TOKEN}"\n'.encode())
    assert reading.may_keep(PartFacts(secrets=candidates))
    assert reading.may_keep(PartFacts(secrets=candidates, configurations=(main,)))
    assert not reading.may_keep(PartFacts(configurations=(with_it,)))
    same = msgspec.structs.replace(main, path="app/.env")
    assert not reading.may_keep(PartFacts(secrets=candidates, configurations=(same,)))
    reading.shown = f"RUN curl -H x{TOKEN}x"
    assert not reading.may_keep(PartFacts(secrets=candidates))
    assert reading.may_keep(PartFacts())


def test_a_rule_that_the_matcher_does_not_take(tmp_path: Path) -> None:
    rules = RuleSet((own("(?=a)b"),), (), (), source="mine.yaml")
    with pytest.raises(RuleError, match=r"mine\.yaml: own: .*looking ahead"):
        SecretReading(rules, SecretOptions())
    rules = RuleSet((own("ab{3}c"),), (), (), blocks=(Block("(?=a)b"),))
    with pytest.raises(RuleError, match="exclude-block: "):
        SecretReading(rules, SecretOptions())
