# The root disk is there, whether it is written or not.
resource "aws_instance" "web" { # vigie:expect
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
}
