resource "nifcloud_db_security_group" "main" {
  group_name        = "main"
  availability_zone = "jp-east-11"
  description       = "Clients of the main database"
}
