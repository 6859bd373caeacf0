"""The OCI distribution client: references, credentials, manifests, blobs."""
