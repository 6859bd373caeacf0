resource "aws_msk_cluster" "shop" {
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3

  logging_info {
    broker_logs { # vigie:expect
      s3 {
        enabled = false
      }
    }
  }
}

resource "aws_msk_cluster" "other" { # vigie:expect
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
}
