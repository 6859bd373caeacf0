resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  container_definitions = <<-JSON
    [
      {
        "name": "shop",
        "image": "shop:1",
        "environment": [{"name": "AWS_KEY", "value": "AKIAIOSFODNN7EXAMPLE"}]
      }
    ]
  JSON
}
