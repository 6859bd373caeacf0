resource "aws_ecs_cluster" "shop" { # vigie:expect
  name = "shop"
}

resource "aws_ecs_cluster" "tools" {
  name = "tools"

  setting {
    name  = "containerInsights"
    value = "disabled" # vigie:expect
  }
}
