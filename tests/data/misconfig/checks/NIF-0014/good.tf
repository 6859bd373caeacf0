resource "nifcloud_nas_security_group" "files" {
  group_name        = "files"
  availability_zone = "jp-east-11"
  description       = "Clients of the file server"

  rule {
    cidr_ip = "10.0.0.0/16"
  }
}
