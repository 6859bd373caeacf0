"""Flags of the peer that Vigie knows but does not act on: removed, without meaning here, or still to come."""

from __future__ import annotations

REMOVED = {
    "--clear-cache": "use `vigie clean --scan-cache`",
    "--reset": "use `vigie clean --all`",
    "--reset-checks-bundle": "use `vigie clean --checks-bundle`",
}
"""Refused by the peer as well; each with what replaces it."""

WITHOUT_EFFECT = {
    "--light": "the light database is gone",
    "--skip-version-check": "",
    "--disable-telemetry": "",
    "--skip-check-update": "",
    "--skip-policy-update": "",
    "--skip-vex-repo-update": "",
}
"""Accepted switches: Vigie never does what they turn off. A text is shown as a warning."""

_SWITCHES = """
--trace-http --removed-pkgs --license-full --trace-rego --trace --redis-tls
"""
_WITH_VALUES = """
--cache-ttl --redis-ca --redis-cert --redis-key --ignored-licenses --license-confidence-level
--ansible-playbook --ansible-inventory --ansible-extra-vars --checks-bundle-repository
--policy-bundle-repository --config-file-schemas --raw-config-scanners --config-check --policy
--config-policy --config-data --data --policy-data --check-namespaces --namespaces --policy-namespaces
--rego-error-limit --server --token --token-header --custom-headers --report --template -t --output-plugin-arg
--ignore-policy --compliance --sbom-sources --rekor-url --vex --module-dir --enable-modules
--kubeconfig --tolerations --skip-images --exclude-owned --exclude-nodes --include-kinds --exclude-kinds
--include-namespaces --exclude-namespaces --qps --burst --aws-region --remote --podman-host
"""
LATER = dict.fromkeys(_SWITCHES.split(), False) | dict.fromkeys(_WITH_VALUES.split(), True)
"""Refused as not available yet; whether each takes a value."""
