# The log is that of one subnet.
resource "aws_vpc" "shop" { # vigie:expect
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "front" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_flow_log" "front" {
  subnet_id            = aws_subnet.front.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::flow-logs"
}
