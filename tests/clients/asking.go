// What Go's net/http client makes of a server: asked by go.py, prints one line a question.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
)

func must(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func ask(client *http.Client, method, url string, body io.Reader, change func(*http.Request)) (*http.Response, []byte) {
	request, err := http.NewRequest(method, url, body)
	must(err)
	if change != nil {
		change(request)
	}
	response, err := client.Do(request)
	must(err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	must(err)
	return response, data
}

// Many at once, over few connections that are used again.
func askMany(client *http.Client, url string) {
	var group sync.WaitGroup
	var lock sync.Mutex
	fresh, right := 0, 0
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		lock.Lock()
		defer lock.Unlock()
		if !info.Reused {
			fresh++
		}
	}}
	for user := 0; user < 8; user++ {
		group.Add(1)
		go func(user int) {
			defer group.Done()
			for i := 0; i < 100; i++ {
				sent := strings.Repeat(fmt.Sprintf("%d-%d ", user, i), 100)
				_, got := ask(client, "POST", url, strings.NewReader(sent), func(r *http.Request) {
					*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
				})
				lock.Lock()
				if string(got) == sent {
					right++
				}
				lock.Unlock()
			}
		}(user)
	}
	group.Wait()
	fmt.Println("many", right, fresh <= 16)
}

func main() {
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	if len(os.Args) > 2 {
		pem, err := os.ReadFile(os.Args[2])
		must(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client, url := &http.Client{Transport: transport}, os.Args[1]
	response, _ := ask(client, "GET", url, nil, nil)
	fmt.Println("get", response.StatusCode, response.Proto)
	large := bytes.Repeat([]byte("0123456789"), 500000)
	response, got := ask(client, "POST", url, bytes.NewReader(large), nil)
	fmt.Println("length", bytes.Equal(got, large), response.ContentLength)
	response, got = ask(client, "POST", url, io.MultiReader(bytes.NewReader(large)), nil)
	fmt.Println("chunked", bytes.Equal(got, large), response.TransferEncoding)
	_, got = ask(client, "PUT", url, bytes.NewReader(large), func(r *http.Request) {
		r.Header.Set("Expect", "100-continue")
		transport.ExpectContinueTimeout = 20e9
	})
	fmt.Println("expect", bytes.Equal(got, large))
	response, got = ask(client, "HEAD", url, nil, nil)
	fmt.Println("head", response.StatusCode, len(got))
	askMany(client, url)
}
