resource "aws_msk_cluster" "shop" {
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3

  logging_info {
    broker_logs {
      s3 {
        enabled = false
      }

      cloudwatch_logs {
        enabled   = true
        log_group = "orders"
      }
    }
  }
}
