resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  spec {
    pod_selector {}

    ingress {
      from {
        ip_block {
          cidr = "10.0.0.0/16"
        }
      }
    }

    ingress {
      from {
        ip_block {
          cidr = "::/0" # vigie:expect
        }
      }
    }

    policy_types = ["Ingress"]
  }
}
