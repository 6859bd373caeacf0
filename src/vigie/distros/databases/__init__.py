"""Package databases of distributions, and the licence and vendor rules that belong to them."""
