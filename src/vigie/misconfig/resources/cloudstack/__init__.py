"""Services of Apache CloudStack: https://docs.cloudstack.apache.org."""
