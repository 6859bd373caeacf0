output "prefix" {
  description = "What names begin with"
  value       = local.prefix
}

output "tags" {
  value = local.common
}

output "subnets" {
  value = local.subnets
}

output "key" {
  value = local.key
}
