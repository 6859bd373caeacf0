resource "aws_db_instance" "db<N>" {
  identifier                   = "${local.prefix}-<N>"
  engine                       = "postgres"
  instance_class               = "db.t3.medium"
  allocated_storage            = <size>
  storage_encrypted            = <bool>
  kms_key_id                   = local.key
  backup_retention_period      = local.retention > 30 ? 30 : local.retention
  publicly_accessible          = var.public
  deletion_protection          = <bool>
  performance_insights_enabled = <bool>
  username                     = "<word>"
  password                     = var.secret
  skip_final_snapshot          = true
  tags                         = local.common
}
