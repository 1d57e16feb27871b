// The client rows with net/http; bench/errand.h says what it is told and what it prints.
//
// As many goroutines as jobs take the URLs in turn.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var urls []string
var bytes int64

// status is one line of /proc/self/status, in bytes.
func status(field string) int64 {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) > 1 && words[0] == field {
			kilobytes, _ := strconv.ParseInt(words[1], 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}

func fetch(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != 200 {
		log.Fatal(url, ": ", response.Status)
	}
	atomic.AddInt64(&bytes, size)
}

func run(client *http.Client, count int64, jobs int) {
	var all sync.WaitGroup
	left := count
	all.Add(jobs)
	for i := 0; i < jobs; i++ {
		go func() {
			for n := atomic.AddInt64(&left, -1); n >= 0; n = atomic.AddInt64(&left, -1) {
				fetch(client, urls[n%int64(len(urls))])
			}
			all.Done()
		}()
	}
	all.Wait()
}

func transport(keep bool, jobs int, ca string) *http.Transport {
	t := &http.Transport{
		MaxIdleConnsPerHost: jobs, DisableCompression: true, DisableKeepAlives: !keep,
	}
	if ca != "" {
		text, err := os.ReadFile(ca)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(text) {
			log.Fatal(ca, ": ", err)
		}
		t.TLSClientConfig = &tls.Config{
			RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(0),
		}
	}
	return t
}

func main() {
	file, err := os.Open(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		urls = append(urls, lines.Text())
	}
	count, _ := strconv.ParseInt(os.Args[3], 10, 64)
	warm, _ := strconv.ParseInt(os.Args[4], 10, 64)
	jobs, _ := strconv.Atoi(os.Args[5])
	ca := ""
	if len(os.Args) > 6 {
		ca = os.Args[6]
	}
	client := &http.Client{
		Transport: transport(os.Args[1] == "keep", jobs, ca), Timeout: time.Minute,
	}
	memory := status("VmRSS:") + status("VmPTE:")
	run(client, warm, jobs)
	bytes = 0
	start, used := time.Now(), cpu()
	run(client, count, jobs)
	seconds, used := time.Since(start).Seconds(), cpu()-used
	peak := status("VmHWM:") + status("VmPTE:")
	fmt.Printf("requests %g requests/s\n", float64(count)/seconds)
	fmt.Printf("bandwidth %g MB/s\n", float64(bytes)/seconds/1e6)
	fmt.Printf("cpu_us %g us\n", used/float64(count))
	fmt.Printf("peak %g MB\n", float64(peak)/1e6)
	fmt.Printf("memory %g bytes\n", float64(peak-memory)/float64(jobs))
}
