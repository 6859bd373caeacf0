resource "aws_emr_security_configuration" "batch" {
  name          = "batch"
  configuration = <<-JSON
    {
      "EncryptionConfiguration": {
        "EnableAtRestEncryption": false,
        "EnableInTransitEncryption": true,
        "InTransitEncryptionConfiguration": {
          "TLSCertificateConfiguration": {
            "CertificateProviderType": "PEM",
            "S3Object": "s3://${aws_s3_bucket.keys.bucket_domain_name}/certificates.zip"
          }
        }
      }
    }
  JSON
}

resource "aws_s3_bucket" "keys" {
  bucket_prefix = "keys"
}
