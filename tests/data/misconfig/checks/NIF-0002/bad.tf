resource "nifcloud_security_group" "web" { # vigie:expect
  group_name        = "web"
  availability_zone = "jp-east-11"
}

resource "nifcloud_security_group" "other" {
  group_name        = "other"
  availability_zone = "jp-east-11"
  description       = "Managed by Terraform" # vigie:expect
}
