resource "aws_codebuild_project" "shop" {
  name         = "shop"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type     = "S3"
    location = "artifacts"
  }
}

resource "aws_codebuild_project" "tests" {
  name         = "tests"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type                = "NO_ARTIFACTS"
    encryption_disabled = true
  }
}
