resource "aws_ecs_cluster" "shop" {
  name = "shop"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster" "tools" {
  name = "tools"

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}
