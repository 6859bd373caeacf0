resource "aws_athena_database" "orders" {
  name   = "orders"
  bucket = "results"

  encryption_configuration {
    encryption_option = "SSE_S3"
  }
}

resource "aws_athena_workgroup" "analysts" {
  name = "analysts"

  configuration {
    result_configuration {
      output_location = "s3://results/analysts/"

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = aws_kms_key.results.arn
      }
    }
  }
}

resource "aws_kms_key" "results" {
  enable_key_rotation = true
}
