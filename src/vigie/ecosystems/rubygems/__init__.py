"""RubyGems: the packages of Ruby."""
