Gem::Specification.new do |spec|
  spec.name = "json"
  spec.version = "2.6.1"
  spec.licenses = ["Ruby", "BSD-2-Clause"]
end
