resource "kubernetes_network_policy" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  spec {
    pod_selector {
      match_labels = {
        app = "web"
      }
    }

    ingress {
      ports {
        port     = "http"
        protocol = "TCP"
      }

      from {
        ip_block {
          cidr = "0.0.0.0/0" # vigie:expect
        }
      }
    }

    policy_types = ["Ingress"]
  }
}
