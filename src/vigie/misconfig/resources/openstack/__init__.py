"""Services of OpenStack: https://docs.openstack.org."""
