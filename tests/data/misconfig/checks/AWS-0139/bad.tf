resource "aws_emr_security_configuration" "batch" {
  name = "batch"
  configuration = jsonencode({ # vigie:expect
    EncryptionConfiguration = {
      EnableAtRestEncryption    = true
      EnableInTransitEncryption = true
      AtRestEncryptionConfiguration = {
        LocalDiskEncryptionConfiguration = {
          EncryptionKeyProviderType = ""
        }
      }
    }
  })
}
