// The server rows with net/http: server_go PORT FOLDER [CERTIFICATE KEY]; workers are GOMAXPROCS.
package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

type message struct {
	Message string `json:"message"`
}

func sayHello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, World!")
}

func sayJSON(w http.ResponseWriter, _ *http.Request) {
	text, err := json.Marshal(message{"Hello, World!"})
	if err != nil {
		log.Fatal(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

func main() {
	http.HandleFunc("/plaintext", sayHello)
	http.HandleFunc("/json", sayJSON)
	files := http.FileServer(http.Dir(filepath.Join(os.Args[2], "static")))
	http.Handle("/static/", http.StripPrefix("/static/", files))
	address := "127.0.0.1:" + os.Args[1]
	if len(os.Args) < 5 {
		log.Fatal(http.ListenAndServe(address, nil))
	}
	// HTTP/1.1 for everybody.
	server := &http.Server{Addr: address,
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	log.Fatal(server.ListenAndServeTLS(os.Args[3], os.Args[4]))
}
