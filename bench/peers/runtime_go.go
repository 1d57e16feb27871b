// The runtime measures in Go: goroutines on one processor (the driver sets GOMAXPROCS=1).
//
//	runtime_go MEASURE [COUNT]
//
// Prints the same lines as the programs on bide.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	switches, spawns, messages, scopes = 10000000, 1000000, 2000000, 1000000
	sleeps, busyTasks                  = 50, 10
	gateTasks, subscribers, items      = 100000, 1000, 1000
	trips, streamed, children          = 50000, 1000000, 2000
	busyTime, sleepTime                = 100 * time.Microsecond, 10 * time.Millisecond
)

func cpu() float64 { // nanoseconds
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func show(name string, value float64, unit string) { fmt.Printf("%s %.6g %s\n", name, value, unit) }

func showEach(name string, start float64, count int) {
	show(name, (cpu()-start)/float64(count), "ns")
}

func memory() (sum float64) {
	status, _ := os.Open("/proc/self/status")
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "VmRSS:") || strings.HasPrefix(line, "VmPTE:") {
			kilobytes, _ := strconv.Atoi(strings.Fields(line)[1])
			sum += float64(kilobytes) * 1024
		}
	}
	return sum
}

var state uint32 = 12345

func delay() time.Duration {
	state = state*1664525 + 1013904223
	return time.Duration(1+(state>>8)%1000) * time.Millisecond
}

func measureSwitch() {
	var all sync.WaitGroup
	all.Add(2)
	start := cpu()
	for i := 0; i < 2; i++ {
		go func() {
			for j := 0; j < switches/2; j++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	all.Wait()
	showEach("switch", start, switches)
}

func measureSpawn() {
	var one sync.WaitGroup
	start := cpu()
	for i := 0; i < spawns; i++ {
		one.Add(1)
		go one.Done()
		one.Wait()
	}
	showEach("spawn", start, spawns)
}

func measureMessage() {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := 0; i < messages/2; i++ {
			back <- <-there
		}
	}()
	start := cpu()
	for i := 0; i < messages/2; i++ {
		there <- i
		<-back
	}
	showEach("message", start, messages)
}

func measureMemory(count int) {
	before := memory()
	for i := 0; i < count; i++ {
		go time.Sleep(1000 * time.Second)
	}
	time.Sleep(100 * time.Millisecond)
	show("memory", (memory()-before)/float64(count), "bytes")
	show("memory_tasks", float64(count), "tasks")
}

func measureTimers(count int) {
	var all sync.WaitGroup
	var late time.Duration // touched by one goroutine at a time: there is one processor
	var lock sync.Mutex
	start := cpu()
	all.Add(count)
	for i := 0; i < count; i++ {
		d := delay()
		go func() {
			begun := time.Now()
			time.Sleep(d)
			lock.Lock()
			late += time.Since(begun) - d
			lock.Unlock()
			all.Done()
		}()
	}
	all.Wait()
	show("timers", (cpu()-start)/1e9, "s")
	show("timers_late_mean", float64(late)/1e6/float64(count), "ms")
}

func measureLateness(name string, tasks int, busy time.Duration) {
	for i := 0; i < tasks; i++ {
		go func() {
			for {
				for start := time.Now(); busy > 0 && time.Since(start) < busy; {
				}
				runtime.Gosched()
			}
		}()
	}
	var late time.Duration
	for i := 0; i < sleeps; i++ {
		begun := time.Now()
		time.Sleep(sleepTime)
		late += time.Since(begun) - sleepTime
	}
	show(name, float64(late)/1e6/sleeps, "ms")
}

func measureScope() {
	start := cpu()
	for i := 0; i < scopes; i++ {
		_, leave := context.WithCancel(context.Background())
		leave()
	}
	showEach("scope", start, scopes)
	start = cpu()
	for i := 0; i < scopes; i++ {
		_, leave := context.WithTimeout(context.Background(), 5*time.Second)
		leave()
	}
	showEach("scope_deadline", start, scopes)
}

func measureGate() {
	permits := make(chan bool, 10)
	for _, name := range []string{"", "gate"} {
		var all sync.WaitGroup
		all.Add(gateTasks)
		start := cpu()
		for i := 0; i < gateTasks; i++ {
			go func() {
				permits <- true
				runtime.Gosched()
				<-permits
				all.Done()
			}()
		}
		all.Wait()
		if name != "" {
			showEach(name, start, gateTasks)
		}
	}
}

func measureLock() {
	var lock sync.Mutex
	start := cpu()
	for i := 0; i < switches; i++ {
		lock.Lock()
		lock.Unlock()
	}
	showEach("lock", start, switches)
	var all sync.WaitGroup
	all.Add(2)
	start = cpu()
	for i := 0; i < 2; i++ {
		go func() {
			for j := 0; j < messages/2; j++ {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
	showEach("lock_handoff", start, messages)
}

// A channel per subscriber: there is no broadcast.
func measureBroadcast() {
	var all sync.WaitGroup
	var channels [subscribers]chan int
	all.Add(subscribers)
	for i := range channels {
		channels[i] = make(chan int, 8)
		go func(news chan int) {
			for range news {
			}
			all.Done()
		}(channels[i])
	}
	runtime.Gosched()
	start := cpu()
	for item := 0; item < items; item++ {
		for _, news := range channels {
			news <- item
		}
		runtime.Gosched()
	}
	for _, news := range channels {
		close(news)
	}
	all.Wait()
	showEach("broadcast", start, subscribers*items)
}

func wall(name string, start time.Time, count int) {
	show(name, float64(time.Since(start).Nanoseconds())/float64(count), "ns")
}

// Two goroutines, each bound to a thread of its own.
func measureThreads(cross bool) {
	runtime.GOMAXPROCS(2)
	runtime.LockOSThread()
	there, back, wide := make(chan int), make(chan int), make(chan int, 1000)
	go func() {
		runtime.LockOSThread()
		for number := range there {
			back <- number
		}
		for range wide {
		}
		close(back)
	}()
	start := time.Now()
	for i := 0; i < trips; i++ {
		there <- i
		<-back
	}
	if !cross {
		wall("to_thread", start, trips)
		return
	}
	wall("cross_loop", start, 2*trips)
	close(there)
	start = time.Now()
	for i := 0; i < streamed; i++ {
		wide <- i
	}
	close(wide)
	<-back
	wall("cross_stream", start, streamed)
}

func measureProcesses() {
	var all sync.WaitGroup
	runtime.GOMAXPROCS(2)
	all.Add(8)
	start := time.Now()
	for i := 0; i < 8; i++ {
		go func() {
			for j := 0; j < children/8; j++ {
				if exec.Command("/bin/true").Run() != nil {
					os.Exit(1)
				}
			}
			all.Done()
		}()
	}
	all.Wait()
	show("processes", float64(time.Since(start).Nanoseconds())/children, "ns")
}

func main() {
	count := 100000
	if len(os.Args) > 2 {
		count, _ = strconv.Atoi(os.Args[2])
	}
	switch os.Args[1] {
	case "switch":
		measureSwitch()
	case "spawn":
		measureSpawn()
	case "message":
		measureMessage()
	case "memory":
		measureMemory(count)
	case "timers":
		measureTimers(count)
	case "lateness":
		measureLateness("lateness", 1, 0)
	case "lateness_busy":
		measureLateness("lateness_busy", busyTasks, busyTime)
	case "scope":
		measureScope()
	case "gate":
		measureGate()
	case "lock":
		measureLock()
	case "broadcast":
		measureBroadcast()
	case "thread", "cross":
		measureThreads(os.Args[1] == "cross")
	case "processes":
		measureProcesses()
	default:
		os.Exit(2)
	}
}
