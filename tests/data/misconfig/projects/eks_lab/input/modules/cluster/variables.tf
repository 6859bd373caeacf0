variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "public_endpoint" { type = bool }
variable "trusted_ranges" { type = list(string) }
variable "encrypt_secrets" { type = bool }
variable "log_types" { type = set(string) }

output "name" {
  value = aws_eks_cluster.this.name
}
