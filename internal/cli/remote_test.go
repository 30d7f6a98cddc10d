package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/internal/gatetest/cloud"
)

// TestCheckS3 checks files of a bucket, some by a pattern, as a user would.
func TestCheckS3(t *testing.T) {
	server := cloud.S3(t)
	for key, content := range map[string]string{
		"eval/part-1.csv": "id,y\n1,0\n2,1\n", "eval/part-2.csv": "id,y\n3,0\n4,1\n5,1\n", "eval/readme.txt": "no data",
		"new.csv": "id,p\n1,0.9\n2,0.9\n3,0.1\n4,0.9\n5,0.9\n", "other/part-1.csv": "id,y\n1,0\n", "other/part-2.csv": "id,z\n2,0\n",
	} {
		server.Put("loans", key, []byte(content))
	}
	spec := filepath.Join(t.TempDir(), "noworse.yaml")
	check := func(pattern string) (code int, stdout, stderr string) {
		text := "version: 1\nname: s3\ntask: binary\ndata: {eval: {path: 's3://loans/" + pattern + "', id: id, label: y}}\n" +
			"candidate: {predictions: {path: s3://loans/new.csv, score: p}}\nmetrics: {accuracy: {min: 0.7}}\n"
		if err := os.WriteFile(spec, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return trial(t, 0, map[string]string{"NOWORSE_CACHE": filepath.Join(t.TempDir(), "cache")}, "check", spec)
	}
	if code, stdout, stderr := check("eval/part-*.csv"); code != 0 || !strings.Contains(stdout, "5 rows") || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for pattern, want := range map[string]string{
		"other/*.csv":   ":4:21: s3://loans/other/*.csv: the files differ: s3://loans/other/part-2.csv has no column \"y\", and s3://loans/other/part-1.csv has one\n",
		"eval/*":        ":4:21: s3://loans/eval/*: it matches s3://loans/eval/readme.txt, whose format cannot be told from the name\n",
		"eval/none.csv": ":4:21: s3://loans/eval/none.csv: there is no such file\n",
	} {
		if code, stdout, stderr := check(pattern); code != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Contains(stderr, "cache") {
			t.Errorf("%s: exit code %d\n%s%s", pattern, code, stdout, stderr)
		}
	}
}

// TestFetchingProgress shows a bar for each file that takes its time.
func TestFetchingProgress(t *testing.T) {
	var stderr bytes.Buffer
	p := newProgress(Env{Stderr: &stderr, Terminal: func(io.Writer) (int, bool) { return 80, true }}, "")
	p.fetch("s3://bucket/dir/soon.csv", 10, 100)
	if stderr.Len() > 0 {
		t.Errorf("a bar within the first second: %q", stderr.String())
	}
	p.started = time.Now().Add(-2 * patience)
	p.fetch("s3://bucket/dir/new.csv", 1<<20, 2<<20)
	p.fetch("https://host/unknown.csv?***", 1<<20, -1) // no total, no bar
	p.fetch("s3://bucket/dir/old.csv", 1<<20, 4<<20)
	p.clear()
	got := stderr.String()
	for _, want := range []string{"fetching new.csv", "fetching old.csv", "MB"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if strings.Contains(got, "soon") || strings.Contains(got, "unknown") || !strings.HasSuffix(got, "\r") {
		t.Errorf("got %q", got)
	}
}
