resource "aws_athena_workgroup" "analysts" {
  name = "analysts"

  configuration {
    enforce_workgroup_configuration = false # vigie:expect
  }
}

resource "aws_athena_workgroup" "guests" { # vigie:expect
  name = "guests"
}
