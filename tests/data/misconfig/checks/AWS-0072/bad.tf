resource "aws_mq_broker" "shop" {
  broker_name         = "orders"
  publicly_accessible = true # vigie:expect
}
