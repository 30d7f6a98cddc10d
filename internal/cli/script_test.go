package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go-bindings"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/gatetest/serving"
	"github.com/noworse/noworse/internal/onnxfile"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts' expected files")

// TestMain makes this test binary serve as the command noworse too, for the
// scripts and for the tests that send signals to a process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"noworse": func() { os.Exit(Main(System())) }})
}

// TestScripts runs the scripts of testdata/script, one for each behaviour of
// the command line. README.md there lists the commands that scripts have.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NOWORSE_ONNXRUNTIME", oracle.ONNXRuntime())
			env.Setenv("PYTHON", oracle.Installed())
			env.Setenv("SERVING", serving.Installed())
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode":   exitcodeCommand,
			"refused":    refusedCommand,
			"parquet":    parquetCommand,
			"onnx":       onnxCommand,
			"compress":   compressCommand,
			"bomb":       bombCommand,
			"web":        webCommand,
			"server":     serverCommand,
			"json":       jsonCommand,
			"samejson":   samejsonCommand,
			"samechecks": samechecksCommand,
			"bytes":      bytesCommand,
			"rows":       rowsCommand,
		},
	})
}

func condition(name string) (bool, error) {
	switch name {
	case "root": // whom no permission stops
		return os.Geteuid() == 0, nil
	case "python":
		found := oracle.Installed() != ""
		if !found && os.Getenv("CI") == "true" {
			return false, errors.New("there is no Python with the tests' packages; make test installs it")
		}
		return found, nil
	case "mlserver", "mlflow":
		found := serving.Has(name)
		if !found && os.Getenv("CI") == "true" {
			return false, fmt.Errorf("there is no %s; make test installs it, for a Python before 3.13", name)
		}
		return found, nil
	case "onnxruntime":
		found := oracle.ONNXRuntime() != ""
		if !found && os.Getenv("CI") == "true" {
			return false, errors.New("there is no ONNX Runtime; make test installs it")
		}
		return found, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// serverCommand starts a server, until the script ends, and waits until its path READY
// answers. Its URL is $SERVER.
func serverCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 1, "server READY PROGRAM ARGS…")
	s, err := serving.Start(serving.Command{Dir: ts.MkAbs("."), Ready: args[0], Args: args[1:], Env: []string{
		"MLSERVER_HTTP_PORT={PORT}", "MLSERVER_GRPC_PORT={PORT2}", "MLSERVER_METRICS_PORT={PORT3}", "MLSERVER_HOST=127.0.0.1", "MLSERVER_PARALLEL_WORKERS=0"}})
	ts.Check(err)
	ts.Defer(s.Stop)
	ts.Setenv("SERVER", s.URL)
}

func usage(ts *testscript.TestScript, neg, ok bool, text string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", text)
	}
}

// exitcodeCommand runs noworse and wants this exit code. Whatever the outcome,
// no temporary file may be left, and stderr may not speak of the machinery.
func exitcodeCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 1 && args[1] == "noworse", "exitcode N noworse [args...]")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("noworse", args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("noworse did not run: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if left, err := os.ReadDir(ts.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		ts.Fatalf("left in the temporary directory: %v %v", left, err)
	}
	if found := machinery.FindString(quotation.ReplaceAllString(ts.ReadFile("stderr"), "")); found != "" {
		ts.Fatalf("the message speaks of %q, which no user has heard of", found)
	}
}

// machinery are words of the libraries inside that a message must not repeat.
var machinery = regexp.MustCompile(`(?i)duckdb|read_csv|read_json|read_parquet|all_varchar|ignore_errors|null_padding|strict_mode|sniff|` +
	`(binder|parser|catalog|conversion|invalid input|out of range|io|internal|interrupt) error|internal:|goroutine|panic|varchar|0x[0-9a-f]{6}`)

// quotation is a line of the user's own spec in a message.
var quotation = regexp.MustCompile(`(?m)^ *[0-9]+ \| .*$`)

// refusedCommand runs noworse check and wants it to refuse to start: exit code
// 2, a message, and nothing written, neither the result nor anything else.
func refusedCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 0, "refused SPEC [args...]")
	before := listing(ts)
	exitcodeCommand(ts, false, append([]string{"2", "noworse", "check", "--json", "refused.json"}, args...))
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout of a run that could not start:\n%s", out)
	}
	if ts.ReadFile("stderr") == "" {
		ts.Fatalf("refused without a message")
	}
	if after := listing(ts); !slices.Equal(before, after) {
		ts.Fatalf("files before:\n%s\nand after:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

// listing is every file of the script's directory, with its size and time.
func listing(ts *testscript.TestScript) []string {
	var list []string
	ts.Check(filepath.WalkDir(ts.MkAbs("."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a directory that may not be read, on purpose
		}
		info, err := d.Info()
		if err == nil {
			list = append(list, fmt.Sprint(path, " ", info.Size(), " ", info.ModTime().UnixNano()))
		}
		return err
	}))
	return list
}

// onnxCommand writes a logistic regression of named inputs, whose classes are 0 and 1.
func onnxCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 2, "onnx FILE INTERCEPT NAME:WEIGHT…")
	number := func(text string) float32 {
		v, err := strconv.ParseFloat(text, 32)
		ts.Check(err)
		return float32(v)
	}
	m := onnxfile.Logistic{Intercepts: []float32{number(args[1])}, Weights: make([][]float32, 1), Classes: []string{"0", "1"}}
	for _, arg := range args[2:] {
		name, weight, _ := strings.Cut(arg, ":")
		m.Inputs, m.Weights[0] = append(m.Inputs, name), append(m.Weights[0], number(weight))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), m.Model(), 0o600))
}

// parquetCommand writes the rows of an SQL query as a Parquet file.
func parquetCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "parquet FILE SQL")
	ts.Check(writeTable(ts.MkAbs(args[0]), args[1], "FORMAT parquet"))
}

// writeTable writes the rows of an SQL query to a file.
func writeTable(path, sql, options string) error {
	var db duckdb_go_bindings.Database
	if duckdb_go_bindings.Open(":memory:", &db) == duckdb_go_bindings.StateError {
		return errors.New("the database does not open")
	}
	defer duckdb_go_bindings.Close(&db)
	var con duckdb_go_bindings.Connection
	if duckdb_go_bindings.Connect(db, &con) == duckdb_go_bindings.StateError {
		return errors.New("the database does not connect")
	}
	defer duckdb_go_bindings.Disconnect(&con)
	var res duckdb_go_bindings.Result
	defer duckdb_go_bindings.DestroyResult(&res)
	quoted := "'" + strings.ReplaceAll(path, "'", "''") + "'"
	if duckdb_go_bindings.Query(con, fmt.Sprintf("COPY (%s) TO %s (%s)", sql, quoted, options), &res) == duckdb_go_bindings.StateError {
		return errors.New(duckdb_go_bindings.ResultError(&res))
	}
	return nil
}

// compressCommand compresses a file to one whose name says how.
func compressCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "compress FILE FILE.gz|FILE.zst")
	var b bytes.Buffer
	content := []byte(ts.ReadFile(args[0]))
	switch filepath.Ext(args[1]) {
	case ".gz":
		w := gzip.NewWriter(&b)
		_, err := w.Write(content)
		ts.Check(err)
		ts.Check(w.Close())
	case ".zst":
		w, err := zstd.NewWriter(&b)
		ts.Check(err)
		_, err = w.Write(content)
		ts.Check(err)
		ts.Check(w.Close())
	default:
		ts.Fatalf("no way to compress to %s", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

// webCommand serves a directory until the script ends: $WEB is its address.
// $NOWORSE_CACHE becomes a directory that is not the script's.
func webCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "web DIR")
	server := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(server.Close)
	cache, err := os.MkdirTemp("", "noworse-cache-*")
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(cache) })
	ts.Setenv("WEB", strings.TrimPrefix(server.URL, "http://"))
	ts.Setenv("NOWORSE_CACHE", cache)
}

// bombCommand writes a small file that decompresses to 100 GB of zeros.
func bombCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1 && filepath.Ext(args[0]) == ".zst", "bomb FILE.zst")
	w, err := zstd.NewWriter(nil)
	ts.Check(err)
	const frame = 50 << 20
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat(w.EncodeAll(make([]byte, frame), nil), 100<<30/frame), 0o644))
}

// bytesCommand writes a file from a Go string literal without its quotes, for
// what a script's own files cannot hold; `head N FILE` is the start of a file.
func bytesCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2 || len(args) == 4 && args[1] == "head", `bytes FILE 'text\x00\r\n' | bytes FILE head N FROM`)
	if len(args) == 4 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[3])[:n]), 0o644))
		return
	}
	content, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(content), 0o644))
}

// jsonCommand wants a value in a result: json FILE KEY... VALUE. A key is a
// name, an index, id=… for the element of a list with this id, or len for the
// length of a list. With !, the path must not be there, and no VALUE is given.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: json FILE KEY... VALUE, or ! json FILE KEY...")
	}
	var value any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &value); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	keys, want := args[1:], ""
	if !neg {
		keys, want = args[1:len(args)-1], args[len(args)-1]
	}
	got, ok := find(value, keys)
	switch {
	case neg && ok:
		ts.Fatalf("%v is there: %v", keys, got)
	case neg:
	case !ok:
		ts.Fatalf("%v is not there in:\n%s", keys, ts.ReadFile(args[0]))
	case plain(got) != want:
		ts.Fatalf("%v is %s, want %s", keys, plain(got), want)
	}
}

func find(value any, keys []string) (any, bool) {
	for _, key := range keys {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[key]
			if !ok {
				return nil, false
			}
			value = inner
		case []any:
			if key == "len" {
				return float64(len(v)), true
			}
			i := slices.IndexFunc(v, func(e any) bool {
				m, ok := e.(map[string]any)
				return ok && "id="+fmt.Sprint(m["id"]) == key
			})
			if n, err := strconv.Atoi(key); err == nil && n < len(v) {
				i = n
			}
			if i < 0 {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

func plain(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	b, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// samejsonCommand wants two results to be the same bytes but for the times.
func samejsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "samejson FILE FILE")
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if times.ReplaceAllString(a, "") != times.ReplaceAllString(b, "") {
		ts.Fatalf("%s and %s differ:\n%s\n%s", args[0], args[1], a, b)
	}
}

// samechecksCommand wants two results of other specs to have the same checks.
func samechecksCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "samechecks FILE FILE")
	var checks [2]string
	for i, file := range args {
		var value map[string]any
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &value))
		for _, c := range value["checks"].([]any) {
			delete(c.(map[string]any)["rule"].(map[string]any), "at") // a line of another spec
			checks[i] += plain(c) + "\n"
		}
	}
	if checks[0] != checks[1] {
		ts.Fatalf("the checks of %s and %s differ:\n%s\n%s", args[0], args[1], checks[0], checks[1])
	}
}

var times = regexp.MustCompile(`(?m)^  "(started|seconds)": .*\n`)

// rowsCommand writes eval.csv: so many rows that the old model has right, of
// which the new one has the first few wrong.
func rowsCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2 || len(args) == 3, "rows N LOST [ROWS OF A CUSTOMER]")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	lost, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("id,y,old,new")
	size := 0
	if len(args) == 3 {
		size, err = strconv.Atoi(args[2])
		ts.Check(err)
		b.WriteString(",customer")
	}
	b.WriteString("\n")
	for i := 1; i <= n; i++ {
		y, wrong := i%2, 0
		if i <= lost {
			wrong = 1
		}
		fmt.Fprintf(&b, "%d,%d,%d,%d", i, y, y, y^wrong)
		if size > 0 {
			fmt.Fprintf(&b, ",c%d", (i-1)/size)
		}
		b.WriteString("\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs("eval.csv"), []byte(b.String()), 0o666))
}
