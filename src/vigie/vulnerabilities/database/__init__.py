"""The two databases of advisories, Trivy's as it is and our own, and how one of them is chosen, fetched or built."""

from vigie.vulnerabilities.database.location import Database, built_database, open_archive_index, open_database
from vigie.vulnerabilities.database.staleness import stale
from vigie.vulnerabilities.database.weaknesses import weakness_name

__all__ = ["Database", "built_database", "open_archive_index", "open_database", "stale", "weakness_name"]
