resource "nifcloud_db_security_group" "main" { # vigie:expect
  group_name        = "main"
  availability_zone = "jp-east-11"
}
