resource "aws_launch_template" "node" {
  name_prefix = "${var.name}-"

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = var.disk_gib
      encrypted   = var.disk_gib > 50
    }
  }

  dynamic "metadata_options" {
    for_each = var.ssh_key == null ? [1] : []
    content {
      http_tokens = "required"
    }
  }

  user_data = base64encode(templatefile("${path.module}/bootstrap.sh.tftpl", {
    cluster = var.cluster
    labels  = { group = var.name }
  }))
}

resource "aws_eks_node_group" "this" {
  cluster_name    = var.cluster
  node_group_name = var.name
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = var.instance_types

  scaling_config {
    desired_size = var.min
    min_size     = var.min
    max_size     = var.max
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }
}

resource "aws_iam_role" "node" {
  name = "${var.name}-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "node" {
  name = "scaling"
  role = aws_iam_role.node.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["autoscaling:Describe*", "s3:*"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_security_group" "ssh" {
  count = var.ssh_key == null ? 0 : 1

  name        = "${var.name}-ssh"
  description = "SSH to nodes"
  vpc_id      = var.vpc_id

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
