resource "aws_security_group" "web" {
  name        = "web"
  description = "Managed by Terraform" # vigie:expect
}
