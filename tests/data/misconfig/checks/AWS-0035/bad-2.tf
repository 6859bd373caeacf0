resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  container_definitions = "[]"

  volume {
    name = "files"

    efs_volume_configuration { # vigie:expect
      file_system_id = "fs-12345678"
    }
  }
}
