resource "aws_launch_template" "web" {
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
  user_data     = base64encode("export AWS_REGION=eu-west-1")
}
