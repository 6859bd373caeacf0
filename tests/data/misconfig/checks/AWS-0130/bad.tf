resource "aws_launch_template" "web" { # vigie:expect
  image_id = "ami-0abcdef1234567890"
}
