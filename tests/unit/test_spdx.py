"""Licence texts as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.spdx import licenses, normalise, unique


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # SPDX ids, in any case; the old ids of the GNU licences have new names
        ("MIT", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("LGPL-2.1-or-later", "LGPL-2.1-or-later"),
        # Debian's short names
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-1", "GPL-1.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("GPL", "GPL-1.0-or-later"),
        ("Expat", "MIT"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("GPL-3+-WITH-BISON-EXCEPTION", "GPL-3.0-or-later WITH Bison-exception-2.2"),
        ("Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"),
        # Fedora's
        ("GPLv2+", "GPL-2.0-or-later"),
        ("LGPLv3", "LGPL-3.0-only"),
        ("AGPLv3+", "AGPL-3.0-or-later"),
        ("ASL 2.0", "Apache-2.0"),
        # Python classifiers
        ("License :: OSI Approved :: Apache Software License", "Apache-2.0"),
        ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
        ("GNU Affero General Public License v3", "AGPL-3.0-only"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("ISC License (ISCL)", "ISC"),
        ("The Unlicense (Unlicense)", "Unlicense"),
        ("Python Software Foundation License", "PSF-2.0"),
        # Java's sentences
        ("The Apache Software License, Version 2.0", "Apache-2.0"),
        ("Eclipse Public License - v 2.0", "EPL-2.0"),
        ("GNU Lesser General Public License, version 2.1", "LGPL-2.1-only"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        # expressions
        ("(MIT OR CC0-1.0)", "MIT OR CC0-1.0"),
        ("GPLv2+ AND (Expat OR ISC)", "GPL-2.0-or-later AND (MIT OR ISC)"),
        ("(MIT OR ISC) AND (BSD OR Zlib)", "(MIT OR ISC) AND (BSD-3-Clause OR Zlib)"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        # what SPDX does not know stays as it is written
        ("public-domain", "public-domain"),
        ("UNLICENSED", "UNLICENSED"),
        ("SEE LICENSE IN  LICENSE.md", "SEE LICENSE IN LICENSE.md"),
        ("GPL-7", "GPL-7"),
        ("Custom Thing v3", "Custom Thing v3"),
        ("text://Permission is hereby granted", "text://Permission is hereby granted"),
        ("", ""),
    ],
)
def test_normalise(written: str, meant: str) -> None:
    assert normalise(written) == meant


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("GPL-1+ or Artistic", ("GPL-1.0-or-later", "Artistic-1.0")),
        ("LGPLv3+_or_GPLv2+", ("LGPL-3.0-or-later", "GPL-2.0-or-later")),
        ("MIT, BSD-2-Clause and MIT", ("MIT", "BSD-2-Clause")),
        ("Apache License, Version 2.0", ("Apache-2.0",)),
        ("GPL v2 or later", ("GPL-2.0-or-later",)),
        ("GPL version 2 or any later version", ("GPL-2.0-or-later",)),
        ("GNU Library or Lesser General Public License (LGPL)", ("LGPL-2.0-or-later",)),
        ("Historical Permission Notice and Disclaimer (HPND)", ("HPND",)),
        ("MIT OR Apache-2.0", ("MIT OR Apache-2.0",)),
        ("Redistribution and use in source and binary", ("text://Redistribution and use in source and binary",)),
        ("", ()),
    ],
)
def test_licenses(field: str, names: tuple[str, ...]) -> None:
    assert licenses(field) == names


def test_unique_keeps_the_order_and_drops_what_says_nothing() -> None:
    assert unique(["GPLv2", "", "MIT", "GPL-2.0-only", " "]) == ("GPL-2.0-only", "MIT")


@given(st.text(max_size=60))
def test_any_text_is_normalised_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(
    st.lists(
        st.sampled_from(["(", ")", " AND ", " OR ", " WITH ", "MIT", "GPLv2+", "or later", ",", "::"]), max_size=12
    )
)
def test_expressions_out_of_shape_do_no_harm(pieces: list[str]) -> None:
    licenses("".join(pieces))
