# One kind of log is missing from the default of the variable.
variable "logs" {
  type    = list(string)
  default = ["api", "audit", "authenticator", "controllerManager"]
}

resource "aws_eks_cluster" "shop" {
  name                      = "shop"
  role_arn                  = "arn:aws:iam::123456789012:role/eks"
  enabled_cluster_log_types = var.logs # vigie:expect
}
