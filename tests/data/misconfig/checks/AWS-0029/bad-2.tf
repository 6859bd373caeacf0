# The rest of the script is not known here.
resource "aws_instance" "web" {
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
  user_data     = <<-EOT
    #!/bin/sh
    export STAGE=${var.stage}
    export DB_PASSWORD=hunter2sunrise
  EOT
}

variable "stage" {
  type = string
}
