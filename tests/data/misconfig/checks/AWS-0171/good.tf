resource "aws_s3_bucket" "reports" {
  bucket = "quarterly-reports"
}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "trails"

  event_selector {
    read_write_type = "WriteOnly"

    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3:::quarterly-reports/"]
    }
  }
}
