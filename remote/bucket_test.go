package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/cloud"
)

// TestS3 is against moto.
func TestS3(t *testing.T) { bucketSuite(t, "s3", cloud.S3(t)) }

// TestGCS is against fake-gcs-server.
func TestGCS(t *testing.T) { bucketSuite(t, "gs", cloud.GCS(t)) }

// TestAzure is against Azurite, where there is one.
func TestAzure(t *testing.T) { bucketSuite(t, "azblob", cloud.Azure(t)) }

// bucketSuite is what holds for the buckets of every service.
func bucketSuite(t *testing.T, kind string, server cloud.Server) {
	at := func(key string) string { return kind + "://data/" + key }
	strange := "käse & 100% ?x/e#v.csv"
	if kind == "azblob" {
		strange = "käse & more/ev+.csv" // the client keeps some characters for itself: docs/remote.md
	}
	for _, key := range []string{"eval.csv", "parts/a.csv", "parts/b.csv", "parts/deep/c.csv", "parts/b.txt", strange, "odd[1].csv"} {
		server.Put("data", key, []byte("content of "+key))
	}
	t.Run("file", func(t *testing.T) {
		cache := newTrial(t)
		content, path := read(t, cache, at("eval.csv"))
		cache.Close()
		again, _ := trial(t, cache.Dir)
		if _, same := read(t, again, at("eval.csv")); content != "content of eval.csv" || same != path {
			t.Errorf("got %q in %s, then in %s", content, path, same)
		}
		if odd, _ := read(t, newTrial(t), at(strange)); odd != "content of "+strange {
			t.Errorf("got %q", odd)
		}
	})
	t.Run("pattern", func(t *testing.T) {
		for pattern, want := range map[string]string{
			"parts/*.csv":      "parts/a.csv parts/b.csv",
			"parts/**/*.csv":   "parts/a.csv parts/b.csv parts/deep/c.csv",
			"parts/?.csv":      "parts/a.csv parts/b.csv",
			"part{s,y}/a.csv":  "parts/a.csv",
			"odd[1].csv":       "odd[1].csv",
			"*.csv":            "eval.csv odd[1].csv",
			"parts/[ab].[ct]*": "parts/a.csv parts/b.csv parts/b.txt",
		} {
			copies, err := newTrial(t).Fetch(t.Context(), at(pattern))
			if err != nil {
				t.Errorf("%s: %v", pattern, err)
			}
			var names []string
			for _, c := range copies {
				key := strings.TrimPrefix(c.Name, kind+"://data/")
				if text, err := os.ReadFile(c.Path); err != nil || string(text) != "content of "+key {
					t.Errorf("%s: %q, %v", c.Name, text, err)
				}
				names = append(names, key)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%s: got %s, want %s", pattern, got, want)
			}
		}
	})
	t.Run("changed", func(t *testing.T) {
		server.Put("data", "changing.csv", []byte("old"))
		first := newTrial(t)
		read(t, first, at("changing.csv"))
		first.Close()
		server.Put("data", "changing.csv", []byte("new"))
		second, _ := trial(t, first.Dir)
		if content, _ := read(t, second, at("changing.csv")); content != "new" {
			t.Errorf("got %q", content)
		}
	})
	t.Run("refused", func(t *testing.T) {
		server.Put("data", "empty.csv", nil)
		for url, want := range map[string]string{
			at("missing.csv"):             "there is no such file",
			kind + "://nowhere/eval.csv":  "there is no such file",
			kind + "://nowhere/*.csv":     "there is no such file",
			at("missing-*.csv"):           "no file matches",
			at("parts/[.csv"):             "the pattern cannot be read",
			at("empty.csv"):               "the file is empty",
			kind + "://data/parts/*/*/*x": "no file matches",
		} {
			if got := refusal(t, newTrial(t), url); got.Message != want {
				t.Errorf("%s: got %q, want %q", url, got.Message, want)
			}
		}
	})
}

// between is a proxy before a server that changes what it answers.
func between(t *testing.T, server string, change func(*http.Response)) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error { change(r); return nil }
	proxy.ErrorLog = nil
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

// body replaces the content of a response that brings an object.
func body(r *http.Response, content string) {
	if r.Request.Method == http.MethodGet && strings.HasSuffix(r.Request.URL.Path, "eval.csv") {
		r.Body = io.NopCloser(strings.NewReader(content))
	}
}

// TestS3Trouble is about what S3 says when it does not give an object.
func TestS3Trouble(t *testing.T) {
	server := cloud.S3(t)
	server.Put("data", "eval.csv", []byte("a,b"))
	const object = "s3://data/eval.csv"
	t.Run("damaged", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", between(t, server.URL, func(r *http.Response) { body(r, "a,c") }))
		if got := refusal(t, newTrial(t), object); got.Message != "it arrived damaged: its MD5 is not the one that the service gives" {
			t.Errorf("got %q", got.Message)
		}
	})
	t.Run("cut short", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", between(t, server.URL, func(r *http.Response) {
			if r.Request.Method == http.MethodGet {
				r.Body = io.NopCloser(io.LimitReader(r.Body, 1))
			}
		}))
		if got := refusal(t, newTrial(t), object); !strings.HasPrefix(got.Message, "it arrived cut short") {
			t.Errorf("got %q", got.Message)
		}
	})
	t.Run("changed meanwhile", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", between(t, server.URL, func(r *http.Response) {
			if r.Request.Method == http.MethodGet {
				server.Put("data", "eval.csv", []byte("x,y"))
			}
		}))
		server.Put("data", "eval.csv", []byte("a,b"))
		if got := refusal(t, newTrial(t), object); got != errChanged {
			t.Errorf("got %q", got.Message)
		}
		server.Put("data", "eval.csv", []byte("a,b"))
	})
	t.Run("busy", func(t *testing.T) {
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		t.Setenv("AWS_ENDPOINT_URL", serveStatus(t, http.StatusServiceUnavailable, nil))
		if got := refusal(t, newTrial(t), object); got.Message != "the service cannot answer now (503)" {
			t.Errorf("got %q", got.Message)
		}
	})
	t.Run("another region", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", serveStatus(t, http.StatusMovedPermanently, map[string]string{"X-Amz-Bucket-Region": "eu-west-3"}))
		if got := refusal(t, newTrial(t), object); got.Message != "the bucket is in another region" || got.Hint != "set AWS_REGION=eu-west-3" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("denied", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", serveStatus(t, http.StatusForbidden, nil))
		if got := refusal(t, newTrial(t), object); got.Message != "access is denied (403)" || !strings.HasPrefix(got.Hint, "these credentials may not") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("no credentials", func(t *testing.T) {
		var signed bool
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signed = signed || r.Header.Get("Authorization") != ""
			w.WriteHeader(http.StatusForbidden)
		}))
		defer s.Close()
		t.Setenv("AWS_ENDPOINT_URL", s.URL)
		if got := refusal(t, newTrial(t), object); got.Message != "access is denied (403), and no usable credentials were found" || !strings.Contains(got.Hint, "AWS_PROFILE") || signed {
			t.Errorf("got %+v, signed: %v", got, signed)
		}
		t.Setenv("AWS_ENDPOINT_URL", server.URL)
		if got := refusal(t, newTrial(t), object); got.Message != "access is denied (403), and no usable credentials were found" {
			t.Errorf("moto: got %+v", got)
		}
		server.Publish("data", "eval.csv")
		if content, _ := read(t, newTrial(t), object); content != "a,b" {
			t.Errorf("a public object: got %q", content)
		}
	})
	t.Run("nothing answers", func(t *testing.T) {
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
		if got := refusal(t, newTrial(t), object); got.Message != "nothing answers at 127.0.0.1:1" {
			t.Errorf("got %q", got.Message)
		}
	})
	t.Run("no such profile", func(t *testing.T) {
		t.Setenv("AWS_PROFILE", "nobody")
		if got := refusal(t, newTrial(t), object); !strings.Contains(got.Message, "nobody") {
			t.Errorf("got %q", got.Message)
		}
	})
}

func serveStatus(t *testing.T, code int, headers map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range headers {
			w.Header().Set(k, v)
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestGCSTrouble is about what Google says when it does not give an object.
func TestGCSTrouble(t *testing.T) {
	const object = "gs://data/eval.csv"
	meta := func(size int, md5 string) string {
		return fmt.Sprintf(`{"generation": "7", "size": "%d", "md5Hash": %q}`, size, md5)
	}
	for name, c := range map[string]struct {
		codes [2]int // of the metadata, and of the content
		meta  string
		want  string
	}{
		"fine":     {[2]int{200, 200}, meta(3, "s0Xh3AnyD9796kafCRZ4kg=="), ""}, // md5sum of "a,b"
		"damaged":  {[2]int{200, 200}, meta(3, "AAAAAAAAAAAAAAAAAAAAAA=="), "it arrived damaged: its MD5 is not the one that the service gives"},
		"short":    {[2]int{200, 200}, meta(4, ""), "it arrived cut short: 3 B of 4 B"},
		"denied":   {[2]int{403, 200}, "", "access is denied (403), and no usable credentials were found"},
		"replaced": {[2]int{200, 404}, meta(3, ""), "it changed while it was fetched"},
		"no JSON":  {[2]int{200, 200}, "<html>", "it cannot be fetched: invalid character '<' looking for beginning of value"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("alt") != "media" {
					w.WriteHeader(c.codes[0])
					io.WriteString(w, c.meta)
					return
				}
				if got := r.URL.Query().Get("generation"); got != "7" {
					t.Errorf("generation %s", got)
				}
				w.WriteHeader(c.codes[1])
				io.WriteString(w, "a,b")
			}))
			defer s.Close()
			t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(s.URL, "http://"))
			if c.want == "" {
				read(t, newTrial(t), object)
			} else if got := refusal(t, newTrial(t), object); got.Message != c.want {
				t.Errorf("got %q, want %q", got.Message, c.want)
			}
		})
	}
}

// TestGCSPages reads a list to its end, and no further than a pattern may go.
func TestGCSPages(t *testing.T) {
	pages := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/storage/v1/b/data/o" {
			io.WriteString(w, `{"generation": "1", "size": "1"}`)
			return
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("pageToken"))
		pages = max(pages, page+1)
		var items bytes.Buffer
		for i := range 1000 {
			fmt.Fprintf(&items, `{"name": "%d-%d.csv"},`, page, i)
		}
		fmt.Fprintf(w, `{"items": [%s {"name": "dir/"}], "nextPageToken": "%d"}`, &items, page+1)
	}))
	defer s.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", s.URL)
	if got := refusal(t, newTrial(t), "gs://data/*.csv"); got.Message != "it matches more than 10000 files" || pages != 11 {
		t.Errorf("got %q after %d pages", got.Message, pages)
	}
}

// TestCredentials says which are missing or cannot be used.
func TestCredentials(t *testing.T) {
	for _, name := range []string{"AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGEBLOB_CONNECTIONSTRING", "STORAGE_EMULATOR_HOST"} {
		t.Setenv(name, "")
	}
	if got := refusal(t, newTrial(t), "azblob://data/eval.csv"); got.Message != "no storage account is named" || !strings.Contains(got.Hint, "AZURE_STORAGE_ACCOUNT") {
		t.Errorf("got %+v", got)
	}
	t.Setenv("AZURE_STORAGE_ACCOUNT", "me")
	t.Setenv("AZURE_STORAGE_KEY", "hunter2, which is no base64")
	if got := refusal(t, newTrial(t), "azblob://data/eval.csv"); got.Message != "the credentials cannot be used" {
		t.Errorf("got %+v", got)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "no/such/file.json")
	if got := refusal(t, newTrial(t), "gs://data/eval.csv"); got.Message != "the credentials cannot be used" {
		t.Errorf("got %+v", got)
	}
}

// TestExplainUnknown keeps to one line, and to no URL.
func TestExplainUnknown(t *testing.T) {
	got := explain(errors.New("GET https://host/x?sig=hunter2\nfailed: "+strings.Repeat("x", 1000)), "https")
	if !strings.HasPrefix(got.Message, "it cannot be fetched: GET … failed: xxx") || len(got.Message) > 400 {
		t.Errorf("got %q", got.Message)
	}
}

func TestBase(t *testing.T) {
	var got []string
	for _, url := range []string{"https://h/a/b.csv?x=/c.parquet#d", "s3://b/a/b?c#d.csv", "gs://b/*.csv"} {
		got = append(got, Base(url))
	}
	if want := []string{"b.csv", "b?c#d.csv", "*.csv"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
