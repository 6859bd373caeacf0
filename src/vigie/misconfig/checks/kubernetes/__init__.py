"""Checks of Kubernetes manifests, rendered charts included: workloads (KSV) and the cluster's own programs (KCV)."""
