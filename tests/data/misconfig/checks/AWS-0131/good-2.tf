resource "aws_launch_template" "web" {
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted = true
    }
  }
}

resource "aws_instance" "web" {
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.micro"

  launch_template {
    id = aws_launch_template.web.id
  }
}
