"""What `NOTICE` and the eBPF programs say of their terms is true."""

from __future__ import annotations

from pathlib import Path

from vigie.vulnerabilities.database.notice import notice

ROOT = Path(__file__).parent.parent.parent
TERMS = "/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */"


def test_the_notice_credits_what_is_in_the_shipped_database() -> None:
    assert (ROOT / "NOTICE").read_text() == notice(ROOT / "src/vigie/vulnerabilities/database/snapshot.db")


def test_ebpf_programs_are_under_the_terms_that_they_tell_the_kernel() -> None:
    sources = sorted((ROOT / "crates/probe/bpf").iterdir())
    assert sources
    for source in sources:
        text = source.read_text()
        assert text.startswith(f"{TERMS}\n"), source
        if source.name.endswith(".bpf.c"):
            assert 'SEC("license") = "Dual MIT/GPL"' in text, source
