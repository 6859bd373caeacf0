"""The licence that a licence file holds, told by sentences that no other licence has.

This recognises the whole text of the licences that nearly all packages use. It is no classifier: of a changed text, or
of a licence that is not listed, it says nothing.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[a-z0-9]+")
LONGEST = 1 << 20
"""Letters that are looked at; licence files with the texts of all bundled works are longer, their own comes first."""

BSD = "redistribution and use in source and binary forms with or without modification are permitted"
SENTENCES = {
    "apache license version 2 0 january 2004": "Apache-2.0",
    "gnu affero general public license version 3 19 november 2007": "AGPL-3.0-only",
    "gnu general public license version 2 june 1991": "GPL-2.0-only",
    "gnu general public license version 3 29 june 2007": "GPL-3.0-only",
    "gnu lesser general public license version 2 1 february 1999": "LGPL-2.1-only",
    "gnu lesser general public license version 3 29 june 2007": "LGPL-3.0-only",
    "mozilla public license version 2 0": "MPL-2.0",
    "permission is hereby granted free of charge to any person obtaining a copy of this software and associated "
    "documentation files the software to deal in the software without restriction": "MIT",
    "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby "
    "granted provided that the above copyright notice and this permission notice appear in all copies": "ISC",
    "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby "
    "granted the software is provided": "0BSD",
    "psf license agreement for python": "PSF-2.0",
    "python software foundation license version 2": "PSF-2.0",
    "this is free and unencumbered software released into the public domain": "Unlicense",
    "zope public license zpl version 2 1": "ZPL-2.1",
    BSD: "BSD-2-Clause",
}


def license_of(data: bytes) -> str:
    """The SPDX id of the licence whose text comes first; "" when none is recognised."""
    words = " ".join(WORD.findall(data[:LONGEST].decode("utf-8", errors="replace").lower()))
    places = [(at, sentence) for sentence in SENTENCES if (at := words.find(sentence)) >= 0]
    found = min(places)[1] if places else ""
    if found != BSD:
        return SENTENCES.get(found, "")
    if "all advertising materials mentioning features or use of this software must" in words:
        return "BSD-4-Clause"
    endorsement = "may be used to endorse or promote products derived from this software without"
    return "BSD-3-Clause" if endorsement in words else "BSD-2-Clause"
