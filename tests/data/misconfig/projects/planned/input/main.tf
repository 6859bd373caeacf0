variable "names" {
  type = set(string)
}

resource "aws_s3_bucket" "logs" {
  for_each = var.names
  bucket   = "${each.key}-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  for_each = var.names
  bucket   = aws_s3_bucket.logs[each.key].id

  block_public_acls       = each.key == "a"
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "web"

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

module "queue" {
  source = "./modules/queue"
  count  = 2
  sse    = count.index == 1
}
