resource "aws_ecs_task_definition" "shop" {
  family = "shop"
  container_definitions = jsonencode([{
    name  = "shop"
    image = "shop:1"
    environment = [
      { name = "DB_HOST", value = "db.example.com" },
      { name = "TOKEN_TYPE", value = "bearer" },
    ]
    secrets = [
      { name = "DB_PASSWORD", valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop" },
    ]
  }])
}
