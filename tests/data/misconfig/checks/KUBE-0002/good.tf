resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  spec {
    pod_selector {}

    egress {
      to {
        ip_block {
          cidr = "10.0.0.0/16"
        }
      }
    }

    policy_types = ["Egress"]
  }
}
