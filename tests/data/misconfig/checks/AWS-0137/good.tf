resource "aws_emr_security_configuration" "batch" {
  name = "batch"
  configuration = jsonencode({
    EncryptionConfiguration = {
      EnableAtRestEncryption    = true
      EnableInTransitEncryption = true
      AtRestEncryptionConfiguration = {
        LocalDiskEncryptionConfiguration = {
          EncryptionKeyProviderType = "AwsKms"
          AwsKmsKey                 = aws_kms_key.batch.arn
        }
      }
    }
  })
}

resource "aws_kms_key" "batch" {
  enable_key_rotation = true
}
