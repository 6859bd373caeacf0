resource "aws_ecs_task_definition" "shop" {
  family = "shop"
  container_definitions = jsonencode([{ # vigie:expect
    name  = "shop"
    image = "shop:1"
    environment = [
      { name = "DB_PASSWORD", value = "correct-horse-battery" },
      { name = "DB_HOST", value = aws_db_instance.shop.address },
    ]
  }])
}

resource "aws_db_instance" "shop" {
  instance_class = "db.t3.micro"
}
