resource "aws_codebuild_project" "shop" {
  name         = "shop"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type                = "S3"
    location            = "artifacts"
    encryption_disabled = true # vigie:expect
  }

  secondary_artifacts {
    artifact_identifier = "docs"
    type                = "S3"
    location            = "artifacts"
    encryption_disabled = true # vigie:expect
  }
}
