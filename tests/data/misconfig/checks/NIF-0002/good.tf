resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "jp-east-11"
  description       = "Web servers"
}
