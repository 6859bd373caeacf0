"""`python -m vigie`."""

import sys

from vigie.cli.main import main

sys.exit(main())
