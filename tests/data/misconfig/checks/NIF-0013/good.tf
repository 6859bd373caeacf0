resource "nifcloud_nas_instance" "files" {
  identifier        = "files"
  availability_zone = "jp-east-11"
  allocated_storage = 100
  protocol          = "nfs"
  type              = 0
  network_id        = "net-0a1b2c3d"
}
