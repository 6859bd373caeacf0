"""Amazon EC2 and its networks: the model, and what Terraform and CloudFormation say."""

from vigie.misconfig.resource import Adapter, Service
from vigie.misconfig.resources.aws.ec2 import cloudformation, terraform
from vigie.misconfig.resources.aws.ec2.model import Ec2

service = Service(
    path="aws.ec2",
    model=Ec2,
    terraform=Adapter(types=terraform.TYPES, fill=terraform.fill),
    cloudformation=Adapter(types=cloudformation.TYPES, fill=cloudformation.fill),
)
