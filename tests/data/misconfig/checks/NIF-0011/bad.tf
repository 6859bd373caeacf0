resource "nifcloud_db_security_group" "main" {
  group_name        = "main"
  availability_zone = "jp-east-11"
  description       = "Clients of the main database"

  rule {
    cidr_ip = "10.0.0.0/16"
  }

  rule {
    cidr_ip = "0.0.0.0/0" # vigie:expect
  }
}
