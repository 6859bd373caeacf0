resource "aws_efs_file_system" "files" {
  creation_token = "files"
  encrypted      = false # vigie:expect
}

resource "aws_efs_file_system" "more" { # vigie:expect
  creation_token = "more"
}
