module example.com/Upper/a // comment

go 1.21.0

toolchain go1.22.3

require github.com/one/two v1.2.3
require (
	github.com/three/Four v0.1.0 // indirect
	github.com/repl/aced v1.0.0
	github.com/local/dir v1.0.0
	"github.com/quoted/x" v1.0.0
	github.com/versioned/only v1.0.0
	github.com/versioned/other v1.1.0
	gopkg.in/yaml.v2 v2.4.0 // indirect; needed
	github.com/fake/x v1.0.0 // indirectly
	github.com/incompat/x v2.0.0+incompatible
)

replace github.com/repl/aced => github.com/new/aced v1.9.0
replace (
	github.com/local/dir => ../dir
	github.com/versioned/only v1.0.0 => github.com/v/only v1.0.1
	github.com/versioned/other v1.9.9 => github.com/v/other v1.9.9
)

exclude github.com/one/two v1.2.4
retract [v1.0.0, v1.1.0]
tool example.com/tool
