// The round trip of bench/thread.c in Go: a number goes through a channel to a goroutine bound to
// a thread of its own, and comes back to one that is bound as well.
package main

import (
	"fmt"
	"runtime"
	"time"
)

const runs, trips = 40, 3000

func main() {
	there, back := make(chan int), make(chan int)
	go func() {
		runtime.LockOSThread()
		for number := range there {
			back <- number
		}
	}()
	runtime.LockOSThread()
	best, sum := 0.0, 0.0
	for run := 0; run < runs; run++ {
		start := time.Now()
		for i := 0; i < trips; i++ {
			there <- i
			<-back
		}
		each := float64(time.Since(start).Nanoseconds()) / trips
		if run == 0 || each < best {
			best = each
		}
		sum += each
	}
	fmt.Printf("to_thread_best %.6g ns\nto_thread %.6g ns\n", best, sum/runs)
}
