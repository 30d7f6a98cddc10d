package duckdb

import (
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// copies is the layout of a table whose files are copies of remote ones.
func copies(files ...dataset.File) dataset.Layout {
	l := table("s3://bucket/*.csv")
	l.Eval.Files = files
	return l
}

// TestCopies reads copies of remote files, and calls them by their own names.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	file := func(name, at, content string) dataset.File {
		return dataset.File{Name: "s3://bucket/" + name, Path: write(t, dir, at, content)}
	}
	one := file("1.csv", "x[1]/a.csv", "y,p\n0,0.1\n1,0.9\n")
	s := opened(t, copies(one, file("2.csv", "b.csv", "p,y\n0.5,1\n")))
	if s.Rows() != 3 {
		t.Errorf("%d rows", s.Rows())
	}
	for name, c := range map[string]struct {
		files []dataset.File
		want  string
	}{
		"other columns": {[]dataset.File{one, file("other.csv", "c.csv", "y,q\n0,1\n")}, `the files differ: s3://bucket/other.csv has no column "p", and s3://bucket/1.csv has one`},
		"broken":        {[]dataset.File{one, file("broken.csv", "d.csv", "y,p\n0\n")}, "s3://bucket/broken.csv cannot be read: line 2 has 1 column where the header has 2"},
		"no format":     {[]dataset.File{one, file("readme.md", "e.md", "y,p\n")}, "it matches s3://bucket/readme.md, whose format cannot be told from the name"},
		"two formats":   {[]dataset.File{one, file("2.jsonl", "f.jsonl", "{}\n")}, "such as s3://bucket/1.csv and s3://bucket/2.jsonl"},
		"cut short":     {[]dataset.File{file("cut.csv.gz", "g.csv.gz", "\x1f\x8b\x08\x00")}, "s3://bucket/cut.csv.gz: the file is cut short"},
		"no Parquet":    {[]dataset.File{file("x.parquet", "h.parquet", "PAR1 and no more")}, "s3://bucket/x.parquet cannot be read: it is cut short"},
		"gone":          {[]dataset.File{{Name: "s3://bucket/gone.csv", Path: dir + "/gone.csv"}}, "s3://bucket/gone.csv: the header cannot be read"},
	} {
		_, err := Open(t.Context(), copies(c.files...), Options{Threads: 2})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v\nwant %s", name, err, c.want)
		}
	}
}

// TestRefuse asks about every file that a table means, before it is opened.
func TestRefuse(t *testing.T) {
	dir := t.TempDir()
	mine, theirs := write(t, dir, "mine.csv", "y\n0\n"), write(t, dir, "theirs.csv", "y\n0\n")
	refuse := func(path string) string {
		if path == theirs {
			return "not yours"
		}
		return ""
	}
	for path, refused := range map[string]bool{mine: false, theirs: true, dir + "/m*.csv": false, dir + "/*.csv": true} {
		l := table(path)
		l.Refuse = refuse
		s, err := Open(t.Context(), l, Options{Threads: 2})
		if err == nil {
			s.Close()
		}
		if refused != (err != nil && strings.Contains(err.Error(), ": not yours")) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
