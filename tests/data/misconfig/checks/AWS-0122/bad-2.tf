resource "aws_launch_configuration" "web" {
  image_id         = "ami-0abcdef1234567890"
  instance_type    = "t3.micro"
  user_data_base64 = base64encode("export DB_PASSWORD=hunter2sunrise") # vigie:expect
}
