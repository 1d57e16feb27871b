// What gorilla's WebSocket client makes of a server: asked by go.py, prints one line a dialogue.
package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

func must(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func talk(url string, deflate bool) {
	dialer := websocket.Dialer{EnableCompression: deflate, HandshakeTimeout: 10 * time.Second}
	connection, response, err := dialer.Dial(url, nil)
	must(err)
	defer connection.Close()
	agreed := response.Header.Get("Sec-Websocket-Extensions") != ""
	right := 0
	for _, size := range []int{0, 1, 125, 126, 65535, 65536, 1000000} {
		sent := bytes.Repeat([]byte("go "), size)[:size]
		must(connection.WriteMessage(websocket.BinaryMessage, sent))
		kind, got, err := connection.ReadMessage()
		must(err)
		if kind == websocket.BinaryMessage && bytes.Equal(got, sent) {
			right++
		}
	}
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "done")
	must(connection.WriteMessage(websocket.CloseMessage, bye))
	_, _, err = connection.ReadMessage()
	fmt.Println(agreed, right, websocket.IsCloseError(err, websocket.CloseNormalClosure))
}

func main() {
	for _, deflate := range []bool{false, true} {
		talk(os.Args[1], deflate)
	}
}
