// A list of URLs: so many at a time, five seconds for each, tried again where that is worth it, an
// error for each that fails, the others untouched.
//
//	central_go URLS LIMIT
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

var again = map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true}

// Is it worth another try?
func try(ctx context.Context, client *http.Client, url string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return true, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return again[response.StatusCode], errors.New(response.Status)
	}
	_, err = io.ReadAll(response.Body)
	return true, err
}

func fetch(client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	pause := 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		worth, err := try(ctx, client, url)
		if err == nil || !worth || attempt == 3 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	limit, _ := strconv.Atoi(os.Args[2])
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: limit, MaxConnsPerHost: limit}}
	var all sync.WaitGroup
	var lock sync.Mutex
	fetched, failed := 0, 0
	permits := make(chan struct{}, limit)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		permits <- struct{}{}
		all.Add(1)
		go func(url string) {
			defer all.Done()
			err := fetch(client, url)
			<-permits
			lock.Lock()
			defer lock.Unlock()
			if err != nil {
				fmt.Printf("%s: %s\n", url, err)
				failed++
			} else {
				fetched++
			}
		}(lines.Text())
	}
	all.Wait()
	fmt.Printf("Fetched %d of %d URLs\n", fetched, fetched+failed)
	if failed > 0 {
		os.Exit(1)
	}
}
