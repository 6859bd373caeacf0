# A grant of only WRITE is not enough for log delivery.
resource "aws_s3_bucket" "logs" { # vigie:expect
  bucket = "access-logs"

  grant {
    type        = "Group"
    uri         = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    permissions = ["WRITE"]
  }
}
