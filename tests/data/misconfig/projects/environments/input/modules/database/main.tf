variable "name" { type = string }
variable "security_group" { type = string }
variable "encrypted" { type = bool }
variable "retention" { type = number }

resource "aws_kms_key" "this" {
  description         = var.name
  enable_key_rotation = var.encrypted
}

resource "aws_db_instance" "this" {
  identifier                          = var.name
  engine                              = "postgres"
  instance_class                      = "db.t4g.medium"
  allocated_storage                   = 20
  storage_encrypted                   = var.encrypted
  kms_key_id                          = var.encrypted ? aws_kms_key.this.arn : null
  backup_retention_period             = var.retention
  vpc_security_group_ids              = [var.security_group]
  deletion_protection                 = true
  iam_database_authentication_enabled = true
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.this.arn
  manage_master_user_password         = true
  username                            = "shop"
}

output "key_arn" {
  value = aws_kms_key.this.arn
}
