package remote

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// trial is a cache that does not sleep, and the pauses that it was to make.
func trial(t *testing.T, dir string) (*Cache, *[]time.Duration) {
	t.Helper()
	var pauses []time.Duration
	c := &Cache{Dir: dir, patience: 10 * time.Second, pause: func(_ context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		return nil
	}}
	t.Cleanup(func() { c.Close() })
	return c, &pauses
}

// read fetches a URL that is one file, and reads it.
func read(t *testing.T, c *Cache, url string) (content, path string) {
	t.Helper()
	copies, err := c.Fetch(t.Context(), url)
	if err != nil || len(copies) != 1 || copies[0].Name != url {
		t.Fatalf("%s: %v, %v", url, copies, err)
	}
	text, err := os.ReadFile(copies[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), copies[0].Path
}

// refusal is why a URL cannot be fetched. Nothing of it may be left, nor the
// URL be repeated.
func refusal(t *testing.T, c *Cache, url string) *Error {
	t.Helper()
	_, err := c.Fetch(t.Context(), url)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, not an *Error", err)
	}
	if strings.Contains(e.Message+e.Hint, "hunter2") || strings.Contains(e.Message, "\n") {
		t.Errorf("it shows a secret, or is more than a line: %q, %q", e.Message, e.Hint)
	}
	if left := leftIn(t, c.Dir); len(left) > 0 {
		t.Errorf("left in the cache: %v", left)
	}
	return e
}

// leftIn lists the files of a cache, locks aside.
func leftIn(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f string) bool { return filepath.Base(f) == "fetch" || filepath.Base(f) == "use" })
}

const secretQuery = "/eval.csv?sig=hunter2"

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + secretQuery
}

// served is a file whose content and headers change.
type served struct {
	mu      sync.Mutex
	content string
	headers map[string]string
	answers []int // the statuses so far
}

func (s *served) set(content string, headers map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content, s.headers, s.answers = content, headers, nil
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.headers {
		w.Header().Set(k, v)
	}
	code := http.StatusOK
	if tag := s.headers["Etag"]; tag != "" && r.Header.Get("If-None-Match") == tag {
		code = http.StatusNotModified
	} else if at := s.headers["Last-Modified"]; tag == "" && at != "" && r.Header.Get("If-Modified-Since") == at {
		code = http.StatusNotModified
	}
	s.answers = append(s.answers, code)
	w.WriteHeader(code)
	if code == http.StatusOK {
		fmt.Fprint(w, s.content)
	}
}

// TestVersions downloads a file anew where its version is another one, or
// cannot be told, and else not.
func TestVersions(t *testing.T) {
	old := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		headers map[string]string
		want    int
	}{
		"tag":                  {map[string]string{"Etag": `"1"`}, http.StatusNotModified},
		"weak tag":             {map[string]string{"Etag": `W/"1"`}, http.StatusNotModified},
		"time":                 {map[string]string{"Last-Modified": old, "Content-Length": "3"}, http.StatusNotModified},
		"this very second":     {map[string]string{"Last-Modified": time.Now().UTC().Format(http.TimeFormat), "Content-Length": "3"}, http.StatusOK},
		"time of unknown size": {map[string]string{"Last-Modified": old, "Transfer-Encoding": "chunked"}, http.StatusOK},
		"neither":              {nil, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			s := &served{content: "a,b", headers: c.headers}
			url, dir := serve(t, s.ServeHTTP), t.TempDir()
			first, _ := trial(t, dir)
			content, path := read(t, first, url)
			if again, _ := read(t, first, url); again != content || len(s.answers) != 1 {
				t.Errorf("asked %d times within one run", len(s.answers))
			}
			if content != "a,b" || !strings.HasSuffix(path, ".csv") {
				t.Errorf("got %q in %s", content, path)
			}
			first.Close()
			second, _ := trial(t, dir)
			if content, _ := read(t, second, url); content != "a,b" || s.answers[1] != c.want {
				t.Errorf("got %q, status %d, want %d", content, s.answers[1], c.want)
			}
		})
	}
}

// TestChanged keeps the version that a run reads until the run ends.
func TestChanged(t *testing.T) {
	s := &served{content: "old", headers: map[string]string{"Etag": `"1"`}}
	url, dir := serve(t, s.ServeHTTP), t.TempDir()
	first, _ := trial(t, dir)
	_, oldPath := read(t, first, url)
	s.set("newer", map[string]string{"Etag": `"2"`})
	second, _ := trial(t, dir)
	content, newPath := read(t, second, url)
	if text, err := os.ReadFile(oldPath); content != "newer" || err != nil || string(text) != "old" {
		t.Errorf("got %q; the copy in use: %q, %v", content, text, err)
	}
	first.Close()
	second.Close()
	s.set("newest", map[string]string{"Etag": `"3"`})
	killed := filepath.Join(filepath.Dir(newPath), "part-123") // what a run that was killed has left
	if err := os.WriteFile(killed, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	third, _ := trial(t, dir)
	read(t, third, url)
	for _, gone := range []string{oldPath, newPath, killed} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", gone, err)
		}
	}
}

// TestUnused removes what no run has asked for in a month, unless one is at it.
func TestUnused(t *testing.T) {
	s := &served{content: "a,b", headers: map[string]string{"Etag": `"1"`}}
	base, dir := strings.TrimSuffix(serve(t, s.ServeHTTP), secretQuery), t.TempDir()
	busy, _ := trial(t, dir)
	_, kept := read(t, busy, base+"/busy.csv")
	idle, _ := trial(t, dir)
	_, removed := read(t, idle, base+"/idle.csv")
	idle.Close()
	long := time.Now().Add(-2 * unused)
	for _, path := range []string{kept, removed} {
		if err := os.Chtimes(filepath.Join(filepath.Dir(path), "use"), long, long); err != nil {
			t.Fatal(err)
		}
	}
	other, _ := trial(t, dir)
	read(t, other, base+"/other.csv")
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("a copy in use is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(removed)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an old copy is there: %v", err)
	}
}

// TestNotWhole does not use what is not whole, or not of this cache.
func TestNotWhole(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"cut short": func(path string) error { return os.Truncate(path, 1) },
		"gone":      os.Remove,
		"no record": func(path string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(path), "current"), []byte("{"), 0o600)
		},
		"elsewhere": func(path string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(path), "current"), []byte(`{"version": "etag \"1\"", "file": "../../x", "size": 3}`), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &served{content: "a,b", headers: map[string]string{"Etag": `"1"`}}
			url, dir := serve(t, s.ServeHTTP), t.TempDir()
			first, _ := trial(t, dir)
			_, path := read(t, first, url)
			first.Close()
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			second, _ := trial(t, dir)
			if content, _ := read(t, second, url); content != "a,b" || s.answers[1] != http.StatusOK {
				t.Errorf("got %q, %v", content, s.answers)
			}
		})
	}
}

// TestRetry sends a request again where the server says that it cannot answer
// now, and only there.
func TestRetry(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		codes  []int
		after  string
		pauses []time.Duration
		want   string
	}{
		"fine":         {[]int{200}, "", nil, ""},
		"500, then OK": {[]int{500, 200}, "", []time.Duration{s}, ""},
		"429":          {[]int{429, 503, 200}, "", []time.Duration{s, 2 * s}, ""},
		"as it asks":   {[]int{503, 200}, "7", []time.Duration{7 * s}, ""},
		"too long":     {[]int{503, 200}, "86400", []time.Duration{longestWait}, ""},
		"never":        {[]int{503, 502, 503, 504, 200}, "", []time.Duration{s, 2 * s, 4 * s}, "the service cannot answer now (504)"},
		"404":          {[]int{404, 200}, "", nil, "there is no such file"},
		"410":          {[]int{410, 200}, "", nil, "there is no such file"},
		"401":          {[]int{401, 200}, "", nil, "access is denied (401)"},
		"403":          {[]int{403, 200}, "", nil, "access is denied (403)"},
		"400":          {[]int{400, 200}, "", nil, "the service refuses the request (400)"},
		"418":          {[]int{418, 200}, "", nil, "the service answers 418 I'm a teapot"},
		"a 304":        {[]int{304, 200}, "", nil, "the service answers 304 Not Modified"},
		"a part":       {[]int{206, 200}, "", nil, "the service answers 206 Partial Content"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.WriteHeader(c.codes[asked])
				asked++
				if asked == len(c.codes) {
					fmt.Fprint(w, "a,b")
				}
			})
			cache, pauses := trial(t, t.TempDir())
			if c.want == "" {
				read(t, cache, url)
			} else if got := refusal(t, cache, url); got.Message != c.want {
				t.Errorf("got %q, want %q", got.Message, c.want)
			}
			if !slices.Equal(*pauses, c.pauses) {
				t.Errorf("pauses %v, want %v", *pauses, c.pauses)
			}
		})
	}
}

// TestBroken leaves nothing of what does not arrive as it should.
func TestBroken(t *testing.T) {
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	with := func(header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			fmt.Fprint(w, body)
		}
	}
	abort := func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat("x", 5000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	hang := func(send string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, send)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}
	never := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	wrong := base64.StdEncoding.EncodeToString(make([]byte, sha256.Size))
	wrongMD5 := base64.StdEncoding.EncodeToString(make([]byte, md5.Size))
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"cut short":        {with("Content-Length", "2000", "a,b"), "it arrived cut short: 3 B of 2.0 kB"},
		"broken off":       {abort, "it arrived cut short: 5.0 kB"},
		"empty":            {text(""), "the file is empty"},
		"a page":           {text("<!DOCTYPE html><title>Log in</title>"), "the server sends a web page, not a file of data"},
		"a page, unsaid":   {with("Content-Type", "text/csv", "  <html>"), "the server sends a web page, not a file of data"},
		"wrong SHA-256":    {with("Repr-Digest", "sha-256=:"+wrong+":", "a,b"), "it arrived damaged: its SHA-256 is not the one that the service gives"},
		"wrong MD5":        {with("Content-MD5", wrongMD5, "a,b"), "it arrived damaged: its MD5 is not the one that the service gives"},
		"encoded":          {with("Content-Encoding", "gzip", "\x1f\x8b"), "the server sends it encoded (gzip), though noworse asks for it as it is"},
		"silent":           {never, "the service has been silent for 200ms"},
		"silent in a file": {hang("a,b"), "the service has been silent for 200ms"},
		"in circles":       {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }, "the server redirects again and again"},
	} {
		t.Run(name, func(t *testing.T) {
			cache, _ := trial(t, t.TempDir())
			cache.patience = 200 * time.Millisecond
			if got := refusal(t, cache, serve(t, c.handler)); got.Message != c.want {
				t.Errorf("got %q, want %q", got.Message, c.want)
			}
		})
	}
}

// TestSlow takes its time: only silence ends a download.
func TestSlow(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 8 {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	})
	cache, _ := trial(t, t.TempDir())
	cache.patience = 200 * time.Millisecond
	if content, _ := read(t, cache, url); content != "xxxxxxxx" {
		t.Errorf("got %q", content)
	}
}

// TestArrivesWhole holds content against the checksums that are right, and
// takes a compressed file as it is.
func TestArrivesWhole(t *testing.T) {
	sum, sum5 := sha256.Sum256([]byte("a,b")), md5.Sum([]byte("a,b"))
	base := strings.TrimSuffix(serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Repr-Digest", "sha-512=:AAAA:, sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		w.Header().Set("Content-MD5", base64.StdEncoding.EncodeToString(sum5[:]))
		w.Header().Set("Content-Encoding", "gzip")
		fmt.Fprint(w, "a,b")
	}), secretQuery)
	cache, _ := trial(t, t.TempDir())
	var told []string
	cache.Progress = func(name string, done, total int64) {
		told = append(told, fmt.Sprint(Base(name), " ", done, " ", total))
	}
	content, path := read(t, cache, base+"/dir/eval.v2.csv.gz?x=/y.parquet#z")
	if content != "a,b" || !strings.HasSuffix(path, ".csv.gz") {
		t.Errorf("got %q in %s", content, path)
	}
	if len(told) == 0 || told[0] != "eval.v2.csv.gz 3 3" {
		t.Errorf("progress: %v", told)
	}
}

// TestRedirects follows redirects, and tells nobody on the way where it comes
// from; from https it goes nowhere else.
func TestRedirects(t *testing.T) {
	var referer, authorization string
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		referer, authorization = r.Referer(), r.Header.Get("Authorization")
		fmt.Fprint(w, "a,b")
	})
	from := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, strings.Replace(target, "127.0.0.1", "localhost", 1), http.StatusFound)
	})
	cache, _ := trial(t, t.TempDir())
	if content, _ := read(t, cache, strings.Replace(from, "://", "://me:hunter2@", 1)); content != "a,b" || referer != "" || authorization != "" {
		t.Errorf("got %q, Referer %q, Authorization %q", content, referer, authorization)
	}
	if got := refusal(t, newTrial(t), from); got.Message != "access is denied (401)" {
		t.Errorf("got %q", got.Message)
	}

	secure := httptest.NewTLSServer(http.RedirectHandler(target, http.StatusFound))
	defer secure.Close()
	cache = newTrial(t)
	cache.client = newClient()
	cache.client.Transport = secure.Client().Transport
	if got := refusal(t, cache, secure.URL+secretQuery); got.Message != "the server redirects from https to http" {
		t.Errorf("got %q", got.Message)
	}
}

func newTrial(t *testing.T) *Cache {
	c, _ := trial(t, t.TempDir())
	return c
}

// TestNoAnswer says what keeps a server from answering.
func TestNoAnswer(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = nil
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	closed := httptest.NewServer(nil)
	closed.Close()
	for url, want := range map[string]string{
		secure.URL + secretQuery:                           "its certificate is signed by nobody this machine trusts",
		strings.Replace(plain, "http://", "https://", 1):   "the server does not speak https",
		closed.URL + secretQuery:                           "nothing answers at " + strings.TrimPrefix(closed.URL, "http://"),
		"https://me:hunter2@noworse.invalid" + secretQuery: "host noworse.invalid",
	} {
		if got := refusal(t, newTrial(t), url); !strings.Contains(got.Message, want) {
			t.Errorf("%s: got %q, want %q", url, got.Message, want)
		}
	}
}

// TestOffline does not use a copy whose version cannot be checked, and says so.
func TestOffline(t *testing.T) {
	s := httptest.NewServer(&served{content: "a,b", headers: map[string]string{"Etag": `"1"`}})
	url, dir := s.URL+secretQuery, t.TempDir()
	first, _ := trial(t, dir)
	_, path := read(t, first, url)
	first.Close()
	s.Close()
	second, _ := trial(t, dir)
	_, err := second.Fetch(t.Context(), url)
	e, ok := errors.AsType[*Error](err)
	if !ok || !strings.HasPrefix(e.Message, "nothing answers at") || !strings.HasSuffix(e.Hint, "the copy of an earlier run is not used, since it may be out of date") {
		t.Errorf("got %v: %+v", err, e)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the copy is gone: %v", err)
	}
}

// TestInterrupted leaves nothing when the run is.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.Repeat("x", 5000))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	cache, _ := trial(t, t.TempDir())
	stopped := errors.New("stopped")
	cache.Progress = func(string, int64, int64) { cancel(stopped) }
	if _, err := cache.Fetch(ctx, url); !errors.Is(err, stopped) {
		t.Errorf("got %v", err)
	}
	if left := leftIn(t, cache.Dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestTwoRunsAtOnce download a file once and read it both.
func TestTwoRunsAtOnce(t *testing.T) {
	var sent atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent.Add(1)
		fmt.Fprint(w, strings.Repeat("a,b\n", 100_000))
	})
	dir := t.TempDir()
	var runs sync.WaitGroup
	for range 8 {
		cache, _ := trial(t, dir)
		runs.Go(func() {
			copies, err := cache.Fetch(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if info, err := os.Stat(copies[0].Path); err != nil || info.Size() != 400_000 {
				t.Errorf("%v, %v", info, err)
			}
		})
	}
	runs.Wait()
	if sent.Load() != 1 {
		t.Errorf("sent %d times", sent.Load())
	}
}

// TestCacheCannotBeUsed names the directory.
func TestCacheCannotBeUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cache, _ := trial(t, dir)
	_, err := cache.Fetch(t.Context(), "http://127.0.0.1:1/x.csv")
	e, ok := errors.AsType[*Error](err)
	if !ok || !strings.HasPrefix(e.Message, "the cache of remote files cannot be used: "+dir) || e.Hint != "NOWORSE_CACHE names another directory" {
		t.Errorf("got %v", err)
	}
}
