resource "aws_subnet" "back" {
  vpc_id     = "vpc-0abcdef1234567890"
  cidr_block = "10.0.2.0/24"
}
