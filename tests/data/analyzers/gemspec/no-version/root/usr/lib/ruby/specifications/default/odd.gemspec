Gem::Specification.new do |spec|
  spec.name = "odd"
  spec.version = Odd::VERSION
  spec.license = "Ruby or BSD-2-Clause"
end
