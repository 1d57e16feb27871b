// TechEmpower's routes with net/http and pgx: te_go PORT DATABASE CONNECTIONS.
//
// Several queries of one request go in one batch, which pgx pipelines.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

type world struct {
	ID           int32 `json:"id"`
	RandomNumber int32 `json:"randomNumber"`
}

type fortune struct {
	ID      int32
	Message string
}

const (
	worldCount   = 10000
	selectWorld  = "select id, randomnumber from world where id = $1"
	updateWorld  = "update world set randomnumber = $1 where id = $2"
	fortunesHTML = `<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>` +
		`<tr><th>id</th><th>message</th></tr>` +
		`{{range .}}<tr><td>{{.ID}}</td><td>{{.Message}}</td></tr>{{end}}` +
		`</table></body></html>`
)

var (
	db   *pgxpool.Pool
	page = template.Must(template.New("fortunes").Parse(fortunesHTML))
)

func must(err error) {
	if err != nil {
		panic(err) // net/http closes the connection, which the load notices
	}
}

func randomID() int32 {
	return int32(rand.Intn(worldCount)) + 1
}

func send(w http.ResponseWriter, kind string, text []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Write(text)
}

func sendJSON(w http.ResponseWriter, value interface{}) {
	text, err := json.Marshal(value)
	must(err)
	send(w, "application/json", text)
}

// queries, as TechEmpower has it: what is no number is 1, and at most 500.
func countOf(r *http.Request) int {
	count, _ := strconv.Atoi(r.URL.Query().Get("queries"))
	if count < 1 {
		return 1
	}
	if count > 500 {
		return 500
	}
	return count
}

func readWorlds(ctx context.Context, count int) []world {
	worlds := make([]world, count)
	batch := &pgx.Batch{}
	for range worlds {
		batch.Queue(selectWorld, randomID())
	}
	results := db.SendBatch(ctx, batch)
	for i := range worlds {
		must(results.QueryRow().Scan(&worlds[i].ID, &worlds[i].RandomNumber))
	}
	must(results.Close())
	return worlds
}

func serveDB(w http.ResponseWriter, r *http.Request) {
	var one world
	row := db.QueryRow(r.Context(), selectWorld, randomID())
	must(row.Scan(&one.ID, &one.RandomNumber))
	sendJSON(w, one)
}

func serveQueries(w http.ResponseWriter, r *http.Request) {
	sendJSON(w, readWorlds(r.Context(), countOf(r)))
}

// In the order of their ids, so that two requests never wait for each other.
func serveUpdates(w http.ResponseWriter, r *http.Request) {
	worlds := readWorlds(r.Context(), countOf(r))
	sort.Slice(worlds, func(i, j int) bool { return worlds[i].ID < worlds[j].ID })
	batch := &pgx.Batch{}
	for i := range worlds {
		worlds[i].RandomNumber = randomID()
		batch.Queue(updateWorld, worlds[i].RandomNumber, worlds[i].ID)
	}
	must(db.SendBatch(r.Context(), batch).Close())
	sendJSON(w, worlds)
}

func serveFortunes(w http.ResponseWriter, r *http.Request) {
	rows, err := db.Query(r.Context(), "select id, message from fortune")
	must(err)
	fortunes := []fortune{{0, "Additional fortune added at request time."}}
	for rows.Next() {
		var one fortune
		must(rows.Scan(&one.ID, &one.Message))
		fortunes = append(fortunes, one)
	}
	must(rows.Err())
	sort.Slice(fortunes, func(i, j int) bool { return fortunes[i].Message < fortunes[j].Message })
	var text bytes.Buffer
	must(page.Execute(&text, fortunes))
	send(w, "text/html; charset=utf-8", text.Bytes())
}

func main() {
	config, err := pgxpool.ParseConfig(os.Args[2])
	must(err)
	connections, err := strconv.Atoi(os.Args[3])
	must(err)
	config.MaxConns = int32(connections)
	db, err = pgxpool.ConnectConfig(context.Background(), config)
	must(err)
	http.HandleFunc("/db", serveDB)
	http.HandleFunc("/queries", serveQueries)
	http.HandleFunc("/updates", serveUpdates)
	http.HandleFunc("/fortunes", serveFortunes)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
