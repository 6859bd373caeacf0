module example.com/old

go 1.16.5

require (
	github.com/pkg/errors v0.9.1
	github.com/left/over v1.0.0 // indirect
)
