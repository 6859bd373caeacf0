resource "aws_kms_key" "data" { # vigie:expect
  description = "Data at rest"
}
