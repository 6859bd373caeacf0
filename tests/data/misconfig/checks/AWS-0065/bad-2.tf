resource "aws_kms_key" "data" {
  description         = "Data at rest"
  enable_key_rotation = false # vigie:expect
}
