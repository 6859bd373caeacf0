resource "aws_launch_template" "web" {
  image_id = "ami-0abcdef1234567890"

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_launch_configuration" "web" {
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t3.micro"

  metadata_options {
    http_tokens = "required"
  }
}
