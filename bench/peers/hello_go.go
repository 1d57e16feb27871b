// The least program with a goroutine in it: hello_go.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		fmt.Println("hello")
		all.Done()
	}()
	all.Wait()
}
