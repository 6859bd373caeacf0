"""Misconfiguration: configuration files become documents, documents resources, and checks judge resources.

    files ─▶ languages/<language> ─▶ Graph of Blocks ─▶ resources/<provider>/<service> ─▶ typed model
          ─▶ checks/<provider>/<service> ─▶ flaws

Languages know syntax, resources know what an attribute means, checks know what is wrong. Read `detector.py` first.
"""
