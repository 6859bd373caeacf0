resource "nifcloud_nas_security_group" "files" {
  group_name        = "files"
  availability_zone = "jp-east-11"
  description       = "Managed by Terraform" # vigie:expect
}
