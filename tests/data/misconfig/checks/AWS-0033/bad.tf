resource "aws_ecr_repository" "shop" { # vigie:expect
  name = "shop"
}

resource "aws_ecr_repository" "tools" {
  name = "tools"

  encryption_configuration { # vigie:expect
    encryption_type = "KMS"
  }
}
