// GETs every URL of a file with net/http, so many at a time.
//
//	fetch_go URLS JOBS
//
// Exits with 1 unless every answer was a 200 that was read to its end.
package main

import (
	"bufio"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
)

func fetch(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != 200 {
		log.Fatal(url, ": ", response.Status)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	jobs, _ := strconv.Atoi(os.Args[2])
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConns: jobs, MaxIdleConnsPerHost: jobs, MaxConnsPerHost: jobs,
		DisableCompression: true,
	}}
	urls := make(chan string, jobs)
	var all sync.WaitGroup
	all.Add(jobs)
	for i := 0; i < jobs; i++ {
		go func() {
			for url := range urls {
				fetch(client, url)
			}
			all.Done()
		}()
	}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		urls <- lines.Text()
	}
	close(urls)
	all.Wait()
}
