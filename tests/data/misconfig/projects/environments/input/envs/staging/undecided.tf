# Nobody knows how many of these there are: one stands for all of them.
resource "aws_ebs_volume" "scratch" {
  for_each = var.debug ? toset(["a"]) : toset([])

  availability_zone = "eu-central-1${each.key}"
  size              = 1
  encrypted         = false
}

resource "aws_db_instance" "cache" {
  engine                  = "postgres"
  instance_class          = "db.t4g.micro"
  backup_retention_period = var.debug ? 14 : 0
}
