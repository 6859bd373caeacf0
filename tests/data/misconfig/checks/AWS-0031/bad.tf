resource "aws_ecr_repository" "shop" {
  name                 = "shop"
  image_tag_mutability = "MUTABLE" # vigie:expect
}

resource "aws_ecr_repository" "tools" { # vigie:expect
  name = "tools"
}
