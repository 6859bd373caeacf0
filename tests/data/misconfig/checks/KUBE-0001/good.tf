resource "kubernetes_network_policy" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  spec {
    pod_selector {}

    ingress {
      from {
        namespace_selector {}
      }

      from {
        ip_block {
          cidr = "10.0.0.0/16"
        }
      }
    }

    egress {
      to {
        ip_block {
          cidr = "0.0.0.0/0"
        }
      }
    }

    policy_types = ["Ingress", "Egress"]
  }
}
