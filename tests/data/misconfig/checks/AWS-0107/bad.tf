resource "aws_security_group" "jump" {
  description = "Jump hosts"

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"] # vigie:expect
  }
}
