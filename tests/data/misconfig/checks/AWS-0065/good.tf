resource "aws_kms_key" "data" {
  description         = "Data at rest"
  enable_key_rotation = true
}

# Keys that sign cannot be rotated by KMS.
resource "aws_kms_key" "signature" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}
