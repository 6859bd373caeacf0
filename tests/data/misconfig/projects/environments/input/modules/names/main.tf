variable "prefix" { type = string }

output "prefix" {
  value = lower(trimsuffix(var.prefix, "-"))
}

output "production" {
  value = endswith(var.prefix, "prod")
}
