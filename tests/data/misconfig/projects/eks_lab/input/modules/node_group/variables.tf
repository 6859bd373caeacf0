variable "name" { type = string }
variable "cluster" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "instance_types" { type = list(string) }
variable "min" { type = number }
variable "max" { type = number }
variable "ssh_key" {
  type    = string
  default = null
}
variable "disk_gib" { type = number }
