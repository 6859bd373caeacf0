resource "aws_launch_configuration" "web" {
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t3.micro"

  metadata_options { # vigie:expect
    http_endpoint = "enabled"
  }
}
