resource "aws_instance" "host<N>" {
  count                       = <count>
  ami                         = "ami-0abc12345<N>"
  instance_type               = var.environment == "prod" ? "m6i.large" : "t3.micro"
  associate_public_ip_address = <bool>
  ebs_optimized               = true
  monitoring                  = <bool>
  vpc_security_group_ids      = ["sg-0a1b2c<N>"]

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = var.environment == "prod" ? "required" : "optional"
  }

  root_block_device {
    encrypted   = <bool>
    volume_size = <size>
  }

  dynamic "ebs_block_device" {
    for_each = { for i in range(<count>) : "/dev/sd${i}" => i }
    content {
      device_name = ebs_block_device.key
      volume_size = 10 * (ebs_block_device.value + 1)
      encrypted   = var.encrypted
    }
  }

  user_data = <<-SHELL
    #!/bin/bash
    set -e
    hostnamectl set-hostname ${local.prefix}-${count.index}
    %{for zone in var.zones~}
    echo "${zone}" >> /etc/zones
    %{endfor~}
    systemctl restart <word>.service
  SHELL

  tags = merge(local.common, { Index = count.index })
}
