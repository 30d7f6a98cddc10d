package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go-bindings"
)

// conn is one in-memory DuckDB database with one connection. Its methods are
// called one at a time; cancelling the context of a call interrupts it.
type conn struct {
	db  duckdb_go_bindings.Database
	con duckdb_go_bindings.Connection
	// DuckDB forgets an interrupt that arrives while nothing runs, so calls
	// hold mu to keep the next statement from being hit by a late one.
	mu sync.Mutex
}

// openConn opens a database with these settings (DuckDB's own names).
func openConn(settings map[string]string) (*conn, error) {
	var cfg duckdb_go_bindings.Config
	if duckdb_go_bindings.CreateConfig(&cfg) == duckdb_go_bindings.StateError {
		return nil, errors.New("DuckDB does not start: no memory for its configuration")
	}
	defer duckdb_go_bindings.DestroyConfig(&cfg)
	for name, value := range settings {
		if duckdb_go_bindings.SetConfig(cfg, name, value) == duckdb_go_bindings.StateError {
			return nil, fmt.Errorf("DuckDB refuses the setting %s=%s", name, value)
		}
	}
	c := new(conn)
	var message string
	if duckdb_go_bindings.OpenExt("", &c.db, cfg, &message) == duckdb_go_bindings.StateError {
		return nil, fmt.Errorf("DuckDB does not start: %s", message)
	}
	if duckdb_go_bindings.Connect(c.db, &c.con) == duckdb_go_bindings.StateError {
		duckdb_go_bindings.Close(&c.db)
		return nil, errors.New("DuckDB does not start: no connection")
	}
	return c, nil
}

func (c *conn) close() {
	duckdb_go_bindings.Disconnect(&c.con)
	duckdb_go_bindings.Close(&c.db)
}

// exec runs a statement and drops its result, whatever it is.
func (c *conn) exec(ctx context.Context, sql string) error {
	return c.run(ctx, sql, func(*duckdb_go_bindings.Result) error { return nil })
}

// query runs a statement whose columns are all VARCHAR and returns its rows; a
// null is a nil. It is for small results: the rows are held in memory.
func (c *conn) query(ctx context.Context, sql string) (rows [][]*string, err error) {
	err = c.run(ctx, sql, func(res *duckdb_go_bindings.Result) error {
		rows, err = readRows(res)
		return err
	})
	return rows, err
}

// run runs a statement and has its result read.
func (c *conn) run(ctx context.Context, sql string, read func(*duckdb_go_bindings.Result) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-ctx.Done():
			duckdb_go_bindings.Interrupt(c.con)
		case <-done:
		}
	})
	var res duckdb_go_bindings.Result
	state := duckdb_go_bindings.Query(c.con, sql, &res)
	close(done)
	watch.Wait()
	defer duckdb_go_bindings.DestroyResult(&res)
	if state == duckdb_go_bindings.StateError {
		if err := ctx.Err(); err != nil {
			return err
		}
		return &queryError{text: duckdb_go_bindings.ResultError(&res)}
	}
	return read(&res)
}

// one is query for a statement that gives a single row.
func (c *conn) one(ctx context.Context, sql string) ([]*string, error) {
	rows, err := c.query(ctx, sql)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("internal: %d rows where one was expected", len(rows))
	}
	return rows[0], nil
}

// number is query for a statement that gives a single count.
func (c *conn) number(ctx context.Context, sql string) (uint64, error) {
	row, err := c.one(ctx, sql)
	if err != nil {
		return 0, err
	}
	if row[0] == nil {
		return 0, errors.New("internal: a count came back as null")
	}
	return strconv.ParseUint(*row[0], 10, 64)
}

func readRows(res *duckdb_go_bindings.Result) ([][]*string, error) {
	var rows [][]*string
	columns := int(duckdb_go_bindings.ColumnCount(res))
	for {
		chunk := duckdb_go_bindings.FetchChunk(*res)
		if chunk.Ptr == nil {
			return rows, nil
		}
		n := int(duckdb_go_bindings.DataChunkGetSize(chunk))
		first := len(rows)
		for range n {
			rows = append(rows, make([]*string, columns))
		}
		for j := range columns {
			v := duckdb_go_bindings.DataChunkGetVector(chunk, duckdb_go_bindings.IdxT(j))
			if err := readStrings(v, n, rows[first:], j); err != nil {
				duckdb_go_bindings.DestroyDataChunk(&chunk)
				return nil, err
			}
		}
		duckdb_go_bindings.DestroyDataChunk(&chunk)
	}
}

func readStrings(v duckdb_go_bindings.Vector, n int, rows [][]*string, j int) error {
	t := duckdb_go_bindings.VectorGetColumnType(v)
	id := duckdb_go_bindings.GetTypeId(t)
	duckdb_go_bindings.DestroyLogicalType(&t)
	if id != duckdb_go_bindings.TypeVarchar {
		return fmt.Errorf("internal: result column %d is not VARCHAR", j)
	}
	valid := validity(v, n)
	data := unsafe.Slice((*germanString)(duckdb_go_bindings.VectorGetData(v)), n)
	for i := range data {
		if isValid(valid, i) {
			text := strings.Clone(data[i].view())
			rows[i][j] = &text
		}
	}
	return nil
}

// germanString is DuckDB's 16-byte string: the length, then the bytes
// themselves where there are at most 12, else four of them and a pointer.
type germanString struct {
	length uint32
	prefix [4]byte
	rest   [8]byte
}

// inlined is the length up to which a germanString holds the text itself.
const inlined = 12

// view is the text without a copy: valid as long as DuckDB's vector is.
func (s *germanString) view() string {
	if s.length <= inlined {
		return unsafe.String(&s.prefix[0], int(s.length))
	}
	return unsafe.String(*(**byte)(unsafe.Pointer(&s.rest)), int(s.length))
}

// validity is the bit mask of a vector's non-null rows, nil when all are.
func validity(v duckdb_go_bindings.Vector, n int) []uint64 {
	p := duckdb_go_bindings.VectorGetValidity(v)
	if p == nil {
		return nil
	}
	return unsafe.Slice((*uint64)(p), (n+63)/64)
}

func isValid(mask []uint64, i int) bool {
	return mask == nil || mask[i>>6]>>(i&63)&1 == 1
}

// queryError is what DuckDB said of a statement.
type queryError struct{ text string }

func (e *queryError) Error() string {
	// Only the first paragraph is about the data; what follows explains
	// DuckDB's own options to somebody who writes SQL.
	first, _, _ := strings.Cut(e.text, "\n\n")
	return strings.TrimSpace(first)
}

// ident quotes a column name for SQL.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// text quotes a string constant for SQL.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
