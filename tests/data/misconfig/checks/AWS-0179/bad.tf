resource "aws_msk_cluster" "shop" {
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3

  encryption_info {
    encryption_at_rest_kms_key_arn = "" # vigie:expect
  }
}

resource "aws_msk_cluster" "other" { # vigie:expect
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
}
