resource "aws_s3_bucket" "reports" { # vigie:expect
  bucket = "quarterly-reports"
}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "trails"

  event_selector {
    read_write_type = "ReadOnly"

    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3:::quarterly-reports/"]
    }
  }
}
