module example.com/broken

require (
	github.com/pkg/errors
)
