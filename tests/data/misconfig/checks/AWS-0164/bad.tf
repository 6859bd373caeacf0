resource "aws_subnet" "front" {
  vpc_id                  = "vpc-0abcdef1234567890"
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true # vigie:expect
}
