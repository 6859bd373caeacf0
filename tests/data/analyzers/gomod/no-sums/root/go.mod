module example.com/old

go 1.16.5

require (
	github.com/one/two v1.2.3
	github.com/ind/x v1.0.0 // indirect
)
