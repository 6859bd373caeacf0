module example.com/shop

go 1.21

toolchain go1.22.3

require (
	github.com/gin-gonic/gin v1.7.0 // indirect comment elsewhere
	github.com/Masterminds/semver v1.5.0
	"golang.org/x/text" v0.3.5
)

require golang.org/x/net v0.0.0-20210119194325-5f4716e94777 // indirect

require example.com/local v1.0.0

replace example.com/local => ./local

replace golang.org/x/text v0.3.5 => golang.org/x/text v0.3.8

exclude github.com/gin-gonic/gin v1.6.0
