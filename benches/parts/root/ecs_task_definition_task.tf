resource "aws_ecs_task_definition" "task<N>" {
  family                   = "${local.prefix}-<N>"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    for tier in ["web", "sidecar"] : {
      name      = "${var.name}-${tier}"
      image     = "registry.example.com/${var.name}/${tier}:1.4.<N>"
      essential = tier == "web"
      environment = [
        for key, value in local.common : { name = key, value = value }
      ]
      portMappings = [{ containerPort = <port>, protocol = "tcp" }]
    }
  ])

  volume {
    name = "shared"
    efs_volume_configuration {
      file_system_id     = "fs-12345678"
      transit_encryption = var.encrypted ? "ENABLED" : "DISABLED"
    }
  }
}

resource "aws_ecs_cluster" "cluster<N>" {
  name = "${local.prefix}-<N>"
  setting {
    name  = "containerInsights"
    value = var.environment == "prod" ? "enabled" : "disabled"
  }
}
