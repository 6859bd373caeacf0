module example.com/r

go 1.21

require (
	example.com/a/b v1.0.0
	example.com/a/b-x v1.0.0
	example.com/a/b/c v1.0.0
	example.com/d v1.0.0 // indirect
	example.com/d-x v1.0.0 // indirect
	example.com/d/e v1.0.0 // indirect
)
