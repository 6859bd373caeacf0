resource "aws_workspaces_workspace" "shop" {
  directory_id                   = "d-1234567890"
  bundle_id                      = "wsb-bh8rsxt14"
  user_name                      = "jo"
  root_volume_encryption_enabled = true
  user_volume_encryption_enabled = true
}
