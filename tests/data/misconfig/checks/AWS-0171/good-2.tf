resource "aws_s3_bucket" "reports" {
  bucket = "quarterly-reports"
}

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "trails"

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
}
