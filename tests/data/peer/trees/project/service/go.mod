module example.com/service

go 1.21

require (
	github.com/gin-gonic/gin v1.7.0
	golang.org/x/text v0.3.8
)

require golang.org/x/net v0.17.0 // indirect
