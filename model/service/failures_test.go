package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/model"
)

// oip is a server of one model of the Open Inference Protocol, whose answers a test
// makes.
type oip struct {
	inputs string // of its metadata
	infer  http.HandlerFunc
	server string // "": {"name":"test","version":"1","extensions":[]}
}

func (s oip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v2":
		if s.server == "" {
			s.server = `{"name":"test","version":"1","extensions":[]}`
		}
		io.WriteString(w, s.server)
	case "/v2/models/m":
		fmt.Fprintf(w, `{"name":"m","versions":null,"platform":"","inputs":[%s],"outputs":[]}`, s.inputs)
	case "/v2/models/m/infer":
		s.infer(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serve starts a server, and opens its model.
func serve(t *testing.T, s oip, o Options) model.Predictor {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	o.URL, o.Protocol, o.Model, o.Pause = server.URL, "oip", "m", time.Millisecond
	if o.Task == "" {
		o.Task = model.Binary
	}
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// scores is an answer with so many scores.
func scores(n int, values string) string {
	if values == "" {
		values = strings.TrimSuffix(strings.Repeat("0.5,", n), ",")
	}
	return fmt.Sprintf(`{"model_name":"m","id":"0","outputs":[{"name":"p","datatype":"FP64","shape":[%d],"data":[%s]}]}`, n, values)
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, text)
	}
}

// TestFailures: whatever a server does wrong is one error that says what, and whether
// there is a use in asking again.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		infer http.HandlerFunc
		want  string
		gone  bool
		tries int32 // 0: 1. A connection that turns out to be closed is replaced, once.
	}{
		"not JSON":         {says("<html>log in</html>"), "the server's answer is no JSON that the protocol has\n<html>log in</html>", true, 0},
		"cut JSON":         {says(`{"outputs":[{"name":"p","datatype":"FP64","sha`), "the server's answer is no JSON that the protocol has", true, 0},
		"no outputs":       {says(`{"outputs":[]}`), "the server answers neither a label nor scores: nothing", false, 0},
		"too few":          {says(scores(2, "")), `the server answered "p" with the shape [2] and 2 values for 3 rows`, false, 0},
		"too many":         {says(scores(4, "")), `the server answered "p" with the shape [4] and 4 values for 3 rows`, false, 0},
		"other shape":      {says(`{"outputs":[{"name":"p","datatype":"FP64","shape":[3],"data":[0.5,0.5]}]}`), `the server answered "p" with the shape [3] and 2 values for 3 rows`, false, 0},
		"no shape":         {says(`{"outputs":[{"name":"p","datatype":"FP64","data":[0.5,0.5]}]}`), `the server answered 2 values of "p" for 3 rows`, false, 0},
		"shape overflows":  {says(`{"outputs":[{"name":"p","datatype":"FP64","shape":[3,4611686018427387904,4],"data":[]}]}`), `the server answered 0 values of "p" for 3 rows`, false, 0},
		"texts as numbers": {says(scores(3, `0.5,"a",0.5`)), `the server answered "a" among the values of "p", which are of another type`, false, 0},
		"objects":          {says(scores(3, `0.5,{},0.5`)), `the server answered {} among the values of "p"`, false, 0},
		"null":             {says(scores(3, "0.5,null,0.5")), "the model answered a score that is NaN", false, 0},
		"NaN":              {says(scores(3, "0.5,NaN,0.5")), "the model answered a score that is NaN", false, 0},
		"infinite":         {says(scores(3, "0.5,-Infinity,0.5")), "the model answered a score that is -Inf", false, 0},
		"a score each":     {says(`{"outputs":[{"name":"p","datatype":"FP64","shape":[3,2],"data":[1,0,1,0,1,0]}]}`), "the server answers 2 scores for each row, and does not say of which classes\nname them in the order of the scores", false, 0},
		"two outputs":      {says(strings.Replace(scores(3, ""), `]}]}`, `]},{"name":"q","datatype":"FP32","shape":[3],"data":[1,1,1]}]}`, 1)), `the server has several outputs that may be the scores: "p" (floating-point), "q" (floating-point)` + "\nname the one: `score`", false, 0},
		"half precision":   {says(`{"outputs":[{"name":"p","datatype":"FP16","shape":[3],"data":[1,1,1]}]}`), `the server answered "p" as FP16, which noworse does not read`, true, 0},
		"broken off":       {breaksOff, "the server broke off instead of an answer: unexpected EOF", true, 0},
		"hangs up":         {hangsUp, "the server broke off instead of an answer: EOF", true, 2},
		"500":              {status(500, "Traceback (most recent call last):\n  File\nValueError: no answer to -3.0\n"), "the server did not answer 3 rows: 500 Internal Server Error, 4 times\nTraceback (most recent call last):\n  File\nValueError: no answer to -3.0", false, 4},
		"502":              {status(502, "<html>Bad Gateway</html>"), "the server did not answer 3 rows: 502 Bad Gateway, 8 times", true, 8},
		"501":              {status(501, ""), "the server did not answer 3 rows: 501 Not Implemented", true, 1},
		"429":              {status(429, `{"error":"slow down"}`), "the server did not answer 3 rows: 429 Too Many Requests, 8 times\nslow down\nask less at once", true, 8},
		"400":              {status(400, `{"message":"bad","stack_trace":"a\nValueError: x"}`), "the server did not answer 3 rows: 400 Bad Request\nbad\nValueError: x", false, 1},
		"422":              {status(422, `{"detail":[{"msg":"Input should be a number"}]}`), `the server did not answer 3 rows: 422 Unprocessable Entity` + "\n" + `[{"msg":"Input should be a number"}]`, false, 1},
		"401":              {status(401, ""), "the server did not answer 3 rows: 401 Unauthorized\ngive a bearer token", true, 1},
		"413":              {status(413, ""), "the server did not answer 3 rows: 413 Request Entity Too Large\nask about fewer rows", true, 1},
		"elsewhere":        {leads, "the server did not answer 3 rows: 307 Temporary Redirect\nit leads elsewhere", true, 1},
		"never":            {never, "the server did not answer 3 rows within 300ms\ngive it longer", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			s := oip{infer: func(w http.ResponseWriter, r *http.Request) { asked.Add(1); c.infer(w, r) }}
			limit := time.Minute
			if name == "never" {
				limit = 300 * time.Millisecond
			}
			p := serve(t, s, Options{Timeout: limit, Batch: 10})
			_, err := p.Predict(t.Context(), modeltest.Rows(3))
			e, ok := errors.AsType[*model.Error](err)
			if !ok || !strings.HasPrefix(err.Error(), c.want) || e.Gone != c.gone {
				t.Errorf("got %v (gone: %v), want %s (%v)", err, ok && e.Gone, c.want, c.gone)
			}
			if n := asked.Load(); n != max(c.tries, 1) {
				t.Errorf("asked %d times, want %d", n, max(c.tries, 1))
			}
			before := asked.Load()
			if _, again := p.Predict(t.Context(), modeltest.Rows(3)); c.gone && (again != err || asked.Load() != before) {
				t.Errorf("what is gone is asked again: %v", again)
			}
		})
	}
}

func breaksOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"outputs":[`)
}

func hangsUp(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		c.Close()
	}
}

func leads(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "http://127.0.0.1:9/elsewhere", http.StatusTemporaryRedirect)
}

func never(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // a server sees that a client is gone once it has read all
	<-r.Context().Done()
}

// TestNobodyThere: nothing listens on the port, or what listens is no HTTP server.
func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	for _, protocol := range []string{"oip", "mlflow", "tfserving"} {
		_, err := Open(t.Context(), Options{URL: "http://user:hunter2@" + address + "/?key=hunter2", Protocol: protocol, Model: "m", Task: model.Binary})
		if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone || e.Message != "there is no server at "+address+": connection refused" || e.Hint == "" {
			t.Errorf("%s: got %v", protocol, err)
		}
	}
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			io.WriteString(c, "220 mail.example ESMTP\r\n")
			c.Close()
		}
	}()
	_, err = Open(t.Context(), Options{URL: "http://u:hunter2@" + l.Addr().String(), Protocol: "oip", Model: "m", Task: model.Binary})
	if err == nil || !strings.HasPrefix(err.Error(), "the server broke off instead of an answer: ") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	if _, err = Open(t.Context(), Options{URL: "localhost:80", Protocol: "oip"}); err == nil || !strings.Contains(err.Error(), "the url of the server is no URL") {
		t.Errorf("got %v", err)
	}
	if _, err = Open(t.Context(), Options{URL: "http://localhost", Protocol: "grpc"}); err == nil || !strings.Contains(err.Error(), `no protocol "grpc"`) {
		t.Errorf("got %v", err)
	}
}

// TestStorm: errors that pass are waited for, and no longer than a server asks.
func TestStorm(t *testing.T) {
	for name, first := range map[string][]http.HandlerFunc{
		"429":              {status(429, ""), status(429, ""), status(429, "")},
		"500 once":         {status(500, "")},
		"503, 502 and 504": {status(503, ""), status(502, ""), status(504, "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			p := serve(t, oip{infer: func(w http.ResponseWriter, r *http.Request) {
				if i := int(n.Add(1)); i <= len(first) {
					first[i-1](w, r)
					return
				}
				io.WriteString(w, scores(2, ""))
			}}, Options{Batch: 10})
			if a, err := p.Predict(t.Context(), modeltest.Rows(2)); err != nil || len(a.Scores[0]) != 2 || int(n.Load()) != len(first)+1 {
				t.Errorf("%+v, %v, asked %d times", a, err, n.Load())
			}
		})
	}
	// A model that fails on a row with 500 is not asked four times about each half.
	var n atomic.Int32
	p := serve(t, oip{infer: func(w http.ResponseWriter, r *http.Request) { n.Add(1); w.WriteHeader(500) }}, Options{Batch: 10})
	for range 3 {
		if _, err := p.Predict(t.Context(), modeltest.Rows(2)); err == nil {
			t.Error("a 500 is an answer")
		}
	}
	if n.Load() != 4+1+1 {
		t.Errorf("asked %d times", n.Load())
	}
}

// TestRetryAfter: seconds and dates; one that is longer than a request may take is
// not waited for.
func TestRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		after string
		least time.Duration
		fails bool
	}{
		"seconds": {"1", time.Second, false},
		"a date":  {time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat), 0, false},
		"gone by": {"Mon, 02 Jan 2006 15:04:05 GMT", 0, false},
		"no time": {"soon", 0, false},
		"an hour": {"3600", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			p := serve(t, oip{infer: func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 1 {
					w.Header().Set("Retry-After", c.after)
					w.WriteHeader(503)
					return
				}
				io.WriteString(w, scores(2, ""))
			}}, Options{Batch: 10, Timeout: time.Minute})
			began := time.Now()
			_, err := p.Predict(t.Context(), modeltest.Rows(2))
			if took := time.Since(began); (err != nil) != c.fails || took < c.least || took > 30*time.Second {
				t.Errorf("%v after %v", err, took)
			}
			if c.fails && !strings.HasPrefix(err.Error(), "the server did not answer 2 rows: 503 Service Unavailable, and wants to be asked again in 1h0m0s\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestBatches: each request has its rows, no more are made at once than may be, and
// answers come in the order of the rows.
func TestBatches(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	var sizes []int
	full := make(chan struct{})
	p := serve(t, oip{inputs: `{"name":"x","datatype":"FP64","shape":[-1]}`, infer: func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Inputs []struct{ Data []float64 } }
		json.NewDecoder(r.Body).Decode(&asked)
		mu.Lock()
		running++
		most = max(most, running)
		sizes = append(sizes, len(asked.Inputs[0].Data))
		if running == 3 && most == 3 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full // the first three are there at once
		values, _ := json.Marshal(asked.Inputs[0].Data)
		mu.Lock()
		running--
		mu.Unlock()
		fmt.Fprintf(w, `{"outputs":[{"name":"y","datatype":"FP64","shape":[%d],"data":%s}]}`, len(asked.Inputs[0].Data), values)
	}}, Options{Batch: 10, Concurrency: 3, Task: model.Regression})
	f := modeltest.Rows(95)
	f.Columns = f.Columns[:1]
	a, err := p.Predict(t.Context(), f)
	if err != nil || !slices.Equal(a.Numbers, f.Columns[0].Floats) {
		t.Fatalf("%+v, %v", a, err)
	}
	slices.Sort(sizes)
	if most != 3 || len(sizes) != 10 || sizes[0] != 5 || sizes[1] != 10 {
		t.Errorf("%d at once, of %v rows", most, sizes)
	}
}

// TestFirstError: of several batches that fail the first one's error is told, and rows
// are those of the frame.
func TestFirstError(t *testing.T) {
	p := serve(t, oip{inputs: `{"name":"x","datatype":"FP64","shape":[-1]}`, infer: func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ ID string }
		json.NewDecoder(r.Body).Decode(&asked)
		if asked.ID < "3" {
			io.WriteString(w, scores(1, ""))
			return
		}
		status(400, `{"error":"row `+asked.ID+`"}`)(w, r)
	}}, Options{Batch: 1, Concurrency: 4})
	f := modeltest.Rows(9)
	f.Columns = f.Columns[:1]
	for range 20 {
		if _, err := p.Predict(t.Context(), f); err == nil || !strings.HasSuffix(err.Error(), "\nrow 3") {
			t.Fatalf("got %v", err)
		}
	}
	nan := serve(t, oip{infer: says(scores(2, "0.5,NaN"))}, Options{Batch: 2})
	_, err := nan.Predict(t.Context(), modeltest.Rows(4))
	if e, ok := errors.AsType[*model.Error](err); !ok || !slices.Equal(e.Rows, []int{1, 3}) {
		t.Errorf("got %v", err)
	}
}

// TestToken: it goes with each request, and stands in no message even where the server
// repeats it.
func TestToken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer s3cret-token" {
			t.Errorf("%s: %q", r.URL, got)
		}
		oip{infer: status(403, `{"error":"the token s3cret-token is of another team"}`)}.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := opened(t, Options{URL: server.URL, Protocol: "oip", Model: "m", Token: "s3cret-token\n", Task: model.Binary})
	_, err := p.Predict(t.Context(), modeltest.Rows(1))
	if err == nil || !strings.Contains(err.Error(), "the token *** is of another team") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

// TestVersions: a server whose model changes while it is asked answers nothing.
func TestVersions(t *testing.T) {
	var n atomic.Int32
	p := serve(t, oip{infer: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Replace(scores(1, ""), `"id"`, fmt.Sprintf(`"model_version":"%d","id"`, 1+n.Add(1)/3), 1))
	}}, Options{Batch: 1, Concurrency: 1})
	if _, err := p.Predict(t.Context(), modeltest.Rows(2)); err != nil {
		t.Fatal(err)
	}
	_, err := p.Predict(t.Context(), modeltest.Rows(1))
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone || !strings.Contains(e.Message, "some rows with version 1 of the model, and others with version 2") {
		t.Errorf("got %v", err)
	}
}

// TestClosing: a request that runs ends with Close, and with its context.
func TestClosing(t *testing.T) {
	arrived := make(chan struct{})
	s := oip{infer: func(w http.ResponseWriter, r *http.Request) { arrived <- struct{}{}; never(w, r) }}
	p := serve(t, s, Options{Batch: 10})
	failed := make(chan error)
	go func() { _, err := p.Predict(context.Background(), modeltest.Rows(2)); failed <- err }()
	<-arrived
	p.Close()
	if e, ok := errors.AsType[*model.Error](<-failed); !ok || e.Message != "the model is closed" || !e.Gone {
		t.Errorf("got %v", e)
	}
	p = serve(t, s, Options{Batch: 10})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, err := p.Predict(ctx, modeltest.Rows(2)); failed <- err }()
	<-arrived
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestMetadata: models that rows of a table cannot be given are refused when they are
// opened.
func TestMetadata(t *testing.T) {
	for inputs, want := range map[string]string{
		`{"name":"x","datatype":"FP16","shape":[-1,2]}`:                                               `the model's input "x" is of FP16, which rows of a table cannot be`,
		`{"name":"x","datatype":"FP32","shape":[-1,3,32,32]}`:                                         `the model's input "x" has the shape [-1 3 32 32], and noworse gives rows of features`,
		`{"name":"x","datatype":"FP32","shape":[-1,2]},{"name":"y","datatype":"FP32","shape":[-1,1]}`: "of several inputs each must be one column",
		`{"name":"x","datatype":"FP32","shape":[32,4]}`:                                               `the model's input "x" takes exactly 32 rows at a time`,
		`{"name":"x","datatype":"FP32","shape":"[-1,4]"}`:                                             "the server's answer is no JSON that the protocol has",
	} {
		server := httptest.NewServer(oip{inputs: inputs})
		defer server.Close()
		if _, err := Open(t.Context(), Options{URL: server.URL, Protocol: "oip", Model: "m", Task: model.Binary}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", inputs, err, want)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"model_spec":{},"metadata":{"signature_def":{"signature_def":{"train":{}}}}}`)
	}))
	defer server.Close()
	if _, err := Open(t.Context(), Options{URL: server.URL, Protocol: "tfserving", Model: "m"}); err == nil || !strings.Contains(err.Error(), "no signature serving_default with inputs\nit has \"train\"") {
		t.Errorf("got %v", err)
	}
}

// TestGiven: what a column becomes in a request, by JSON and in bytes.
func TestGiven(t *testing.T) {
	f := &model.Frame{Rows: 2, Columns: []model.Column{
		{Name: "f", Kind: dataset.Float, Floats: []float64{1, math.NaN()}},
		{Name: "s", Kind: dataset.Float, Floats: []float64{0.1, 3e10}},
		{Name: "i", Kind: dataset.Integer, Ints: []int64{-1, 300}},
		{Name: "b", Kind: dataset.Bool, Ints: []int64{1, 0}},
		{Name: "t", Kind: dataset.Text, Texts: []string{"a\"b", "ü"}},
	}}
	inputs := `{"name":"f","datatype":"FP64","shape":[-1]},{"name":"s","datatype":"FP32","shape":[-1,1]},{"name":"i","datatype":"INT16","shape":[-1,1]},{"name":"b","datatype":"BOOL","shape":[-1,1]},{"name":"t","datatype":"BYTES","shape":[-1,1]}`
	var got, length string
	infer := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, length = string(body), r.Header.Get(headerLength)
		io.WriteString(w, scores(2, ""))
	}
	p := serve(t, oip{inputs: inputs, infer: infer}, Options{Batch: 10, Score: "p"})
	if _, err := p.Predict(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"0","inputs":[{"name":"f","shape":[2],"datatype":"FP64","data":[1.0,null]},{"name":"s","shape":[2,1],"datatype":"FP32","data":[0.1,3e+10]},` +
		`{"name":"i","shape":[2,1],"datatype":"INT16","data":[-1,300]},{"name":"b","shape":[2,1],"datatype":"BOOL","data":[true,false]},{"name":"t","shape":[2,1],"datatype":"BYTES","data":["a\"b","ü"]}],"outputs":[{"name":"p"}]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The server says that it knows binary tensors, so they are used.
	p = serve(t, oip{inputs: inputs, infer: infer, server: `{"name":"triton","version":"2","extensions":["binary_tensor_data"]}`}, Options{Batch: 10})
	if _, err := p.Predict(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	header := `{"id":"0","parameters":{"binary_data_output":true},"inputs":[{"name":"f","shape":[2],"datatype":"FP64","parameters":{"binary_data_size":16}},{"name":"s","shape":[2,1],"datatype":"FP32","parameters":{"binary_data_size":8}},` +
		`{"name":"i","shape":[2,1],"datatype":"INT16","parameters":{"binary_data_size":4}},{"name":"b","shape":[2,1],"datatype":"BOOL","parameters":{"binary_data_size":2}},{"name":"t","shape":[2,1],"datatype":"BYTES","parameters":{"binary_data_size":13}}]}`
	bytes := "\x00\x00\x00\x00\x00\x00\xf0\x3f\x01\x00\x00\x00\x00\x00\xf8\x7f" + "\xcd\xcc\xcc\x3d\x76\x84\xdf\x50" + "\xff\xff\x2c\x01" + "\x01\x00" + "\x03\x00\x00\x00a\"b\x02\x00\x00\x00ü"
	if got != header+bytes || length != fmt.Sprint(len(header)) {
		t.Errorf("got %q (%s), want %q", got, length, header+bytes)
	}
}

// TestRefusedValues: what a type cannot hold is not given.
func TestRefusedValues(t *testing.T) {
	whole := []float64{1, 2.5}
	for name, c := range map[string]struct {
		datatype string
		column   model.Column
		want     string
	}{
		"too large":    {"INT8", model.Column{Kind: dataset.Integer, Ints: []int64{127, 128}}, `column "x" has values that are no INT8`},
		"negative":     {"UINT64", model.Column{Kind: dataset.Integer, Ints: []int64{0, -1}}, `no UINT64`},
		"a fraction":   {"INT64", model.Column{Kind: dataset.Float, Floats: whole}, `no INT64`},
		"missing":      {"INT64", model.Column{Kind: dataset.Float, Floats: []float64{1, math.NaN()}}, `column "x" has no value in 1 row`},
		"text":         {"FP64", model.Column{Kind: dataset.Text, Texts: []string{"1", "2"}}, `the model wants FP64 values, and column "x" is text`},
		"a number":     {"BYTES", model.Column{Kind: dataset.Float, Floats: whole}, `the model wants BYTES values`},
		"infinite":     {"FP64", model.Column{Kind: dataset.Float, Floats: []float64{1, math.Inf(1)}}, `column "x" is infinite in 1 row`},
		"overflows":    {"FP32", model.Column{Kind: dataset.Float, Floats: []float64{1, 1e39}}, `column "x" is infinite in 1 row`},
		"two booleans": {"BOOL", model.Column{Kind: dataset.Integer, Ints: []int64{1, 2}}, `no BOOL`},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, oip{inputs: fmt.Sprintf(`{"name":"x","datatype":%q,"shape":[-1,1]}`, c.datatype), infer: says("never asked")}, Options{Batch: 10})
			c.column.Name = "x"
			_, err := p.Predict(t.Context(), &model.Frame{Rows: 2, Columns: []model.Column{c.column}})
			e, ok := errors.AsType[*model.Error](err)
			if !ok || !strings.Contains(e.Message, c.want) || e.Gone || e.Rows != nil && !slices.Equal(e.Rows, []int{1}) {
				t.Errorf("got %v (%+v), want %s", err, e, c.want)
			}
		})
	}
}
