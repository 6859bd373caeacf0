"""What Terraform makes in Kubernetes, as a model. Manifests are judged as they are."""
