"""Language ecosystems: one folder each, with its facts and one file per lock file or installed form."""
