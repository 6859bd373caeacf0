"""Merging the secrets of layers: nothing that a layer holds is ever out of the image again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vigie.model.artifact import LayerReference
from vigie.model.inventory import PartFacts
from vigie.model.secret import CommitSeen, SecretCandidate
from vigie.scanner.merge import merge


class Layer:
    """A part that only has a reference."""

    def __init__(self, number: int) -> None:
        self.reference = LayerReference(f"sha256:d{number}", f"sha256:{number}", created_by=f"RUN {number}")


class Folder:
    reference = LayerReference()


def secret(path: str = "a/b.env", tag: str = "00001", offset: int = 0, **more: Any) -> SecretCandidate:
    fields = {"start": 1, "end": 1, "start_column": 1, "end_column": 2, "match": "*", "code": ()}
    fields |= {"confidence": "high", "reason": ""}
    return SecretCandidate(rule="r", path=path, tag=tag, offset=offset, **(fields | more))


def has(*secrets: SecretCandidate, **more: Any) -> PartFacts:
    return PartFacts(secrets=secrets, **more)


def merged(*facts: PartFacts) -> list[tuple[str, str, int, int | None]]:
    """Path and tag of each, the number of its layer, and of the one that hides it."""
    found = merge([Layer(number) for number in range(len(facts))], facts).secrets  # type: ignore[arg-type]
    number = {f"sha256:{at}": at for at in range(len(facts))}
    return [
        (one.path, one.tag, number[one.layer.diff_id], number[one.deleted_by.diff_id] if one.deleted_by else None)  # type: ignore[union-attr]
        for one in found
    ]


def test_a_deleted_file_keeps_its_secret() -> None:
    assert merged(has(secret()), PartFacts()) == [("a/b.env", "00001", 0, None)]
    assert merged(has(secret()), PartFacts(whiteouts=("a/b.env",))) == [("a/b.env", "00001", 0, 1)]
    assert merged(has(secret()), PartFacts(whiteouts=("a",))) == [("a/b.env", "00001", 0, 1)]
    assert merged(has(secret()), PartFacts(opaque=("a",))) == [("a/b.env", "00001", 0, 1)]
    assert merged(has(secret()), PartFacts(whiteouts=("a/b", "b.env", "a/b.env.x"))) == [("a/b.env", "00001", 0, None)]


def test_the_first_layer_that_hides_it_is_named() -> None:
    gone = PartFacts(whiteouts=("a/b.env",))
    assert merged(has(secret()), PartFacts(), gone, gone) == [("a/b.env", "00001", 0, 2)]
    # What a layer deletes lies below it: files of its own are not meant.
    assert merged(has(secret(), whiteouts=("a/b.env",), opaque=("a",))) == [("a/b.env", "00001", 0, None)]


def test_the_same_secret_in_a_later_layer_counts_once() -> None:
    assert merged(has(secret()), has(secret(offset=7))) == [("a/b.env", "00001", 0, None)]
    gone = PartFacts(whiteouts=("a/b.env",))
    assert merged(has(secret()), gone, has(secret())) == [("a/b.env", "00001", 0, None)]
    assert merged(has(secret()), gone, has(secret()), gone) == [("a/b.env", "00001", 0, 3)]


def test_a_file_may_hold_it_several_times() -> None:
    twice = has(secret(), secret(offset=9))
    assert merged(twice) == [("a/b.env", "00001", 0, None)] * 2
    assert merged(has(secret()), twice) == [("a/b.env", "00001", 0, None), ("a/b.env", "00001", 1, None)]
    assert merged(twice, has(secret())) == [("a/b.env", "00001", 0, None), ("a/b.env", "00001", 0, 1)]


def test_a_file_with_others_in_its_place_hides_it() -> None:
    assert merged(has(secret()), has(secret(tag="00002"))) == [
        ("a/b.env", "00001", 0, 1),
        ("a/b.env", "00002", 1, None),
    ]


def test_what_lies_in_an_archive_goes_with_it() -> None:
    inner = secret("app.jar!conf/x.env")
    assert merged(has(inner), PartFacts(whiteouts=("app.jar",))) == [(inner.path, "00001", 0, 1)]
    assert merged(has(inner), PartFacts(whiteouts=("conf",))) == [(inner.path, "00001", 0, None)]
    odd = secret("a!b.env")
    assert merged(has(odd), PartFacts(whiteouts=("a!b.env",))) == [("a!b.env", "00001", 0, 1)]


def test_a_folder_keeps_all_as_they_are() -> None:
    facts = has(secret(), secret(offset=9), secret())
    assert merge([Folder()], [facts]).secrets == facts.secrets  # type: ignore[list-item]
    past = has(*(secret(f"{commit}.env", seen=CommitSeen(commit)) for commit in "abcd"))
    assert merge([Folder(), Folder()], [facts, past]).secrets == facts.secrets + past.secrets  # type: ignore[list-item]


PATHS = ("a/b", "a/c", "d")


@given(
    st.lists(
        st.builds(
            lambda found, gone, opaque: has(
                *(secret(path, tag) for path, tag in found), whiteouts=tuple(gone), opaque=tuple(opaque)
            ),
            st.sets(st.tuples(st.sampled_from(PATHS), st.sampled_from(["1", "2"]))),
            st.sets(st.sampled_from([*PATHS, "a"])),
            st.sets(st.sampled_from(["a", "d"])),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_the_last_layer_shows(layers: list[PartFacts]) -> None:
    """Every secret of every layer is told once, for the first that has it; those that are not hidden are those that a
    container sees, save in files of which a later layer holds another version without any secret."""
    found = merged(*layers)
    assert len({one[:2] for one in found}) == len(found)
    assert {one[:2] for one in found} == {(one.path, one.tag) for layer in layers for one in layer.secrets}
    for path, tag, first, _ in found:
        holds = [any((one.path, one.tag) == (path, tag) for one in layer.secrets) for layer in layers]
        assert first == holds.index(True)
    seen: dict[str, set[str]] = {}
    for layer in layers:
        for path in list(seen):
            folder = path.rpartition("/")[0]
            if {path, folder} & set(layer.whiteouts) or folder in layer.opaque:
                del seen[path]
        for path in {one.path for one in layer.secrets}:
            seen[path] = {one.tag for one in layer.secrets if one.path == path}
    assert {(path, tag) for path, tag, _, hides in found if hides is None} == {
        (path, tag) for path, tags in seen.items() for tag in tags
    }
