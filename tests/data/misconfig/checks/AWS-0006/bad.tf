resource "aws_athena_database" "orders" { # vigie:expect
  name   = "orders"
  bucket = "results"
}

resource "aws_athena_workgroup" "analysts" {
  name = "analysts"

  configuration {
    result_configuration { # vigie:expect
      output_location = "s3://results/analysts/"
    }
  }
}
