resource "kubernetes_network_policy" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  spec {
    pod_selector {}

    egress {
      ports {
        port     = "8125"
        protocol = "UDP"
      }

      to {
        ip_block {
          cidr = "0.0.0.0/0" # vigie:expect
        }
      }
    }

    policy_types = ["Egress"]
  }
}
