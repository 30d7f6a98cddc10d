package live

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/noworse/noworse/internal/scratch"
	"github.com/noworse/noworse/model"
)

// Cache keeps answers from run to run, each in a directory of its own. The zero
// value keeps none.
type Cache struct{ Dir string }

// Files of a kept recording.
const (
	answersFile = "answers.parquet"
	aboutFile   = "about.json"
)

// about is what is kept beside the answers.
type about struct {
	Format  int      `json:"format"`
	Rows    uint64   `json:"rows"`
	SHA256  string   `json:"sha256"` // of the answers
	Label   bool     `json:"label,omitempty"`
	Classes []string `json:"classes,omitempty"`
	Scores  int      `json:"scores,omitempty"`
}

// format is the version of all that a key and a recording are made of.
const format = 1

// key is a digest of everything that answers depend on; "" where that is not
// known, or where nothing is kept.
func (c Cache) key(d model.Description, what Request, seen *seen) string {
	if c.Dir == "" || d.Fingerprint == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%q\n%q\n%q\n%s %d\n", format, d.Form, d.Fingerprint, what.Task, seen.digest, seen.rows)
	for i, f := range what.Features {
		fmt.Fprintf(h, "%q %d %t\n", f.Name, kindOf(f), seen.nulls[i])
	}
	fmt.Fprintf(h, "%d\n", what.LabelKind)
	return hex.EncodeToString(h.Sum(nil))
}

// find is a recording that was kept and is whole.
func (c Cache) find(key string, rows uint64) (*Recording, bool) {
	if key == "" {
		return nil, false
	}
	dir := filepath.Join(c.Dir, key)
	path := filepath.Join(dir, answersFile)
	text, err := os.ReadFile(filepath.Join(dir, aboutFile))
	if err != nil {
		return nil, false
	}
	var a about
	if json.Unmarshal(text, &a) != nil || a.Format != format || a.Rows != rows {
		return nil, false
	}
	if sum, err := checksum(path); err != nil || sum != a.SHA256 {
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(dir, now, now) // it is in use: see tidy
	return &Recording{Path: path, Label: a.Label, Classes: a.Classes, Scores: a.Scores, rows: rows}, true
}

func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// keeper is where one recording is written, and what becomes of it.
type keeper struct {
	cache Cache
	key   string // "": it is not kept
}

func (c Cache) keeper(key string) keeper { return keeper{c, key} }

// temporary is a new directory, beside where the recording is going to be.
func (k keeper) temporary() (string, error) {
	if k.key == "" {
		return scratch.New()
	}
	if err := os.MkdirAll(k.cache.Dir, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(k.cache.Dir, ".new-")
}

// keep puts a recording where it is found again. Another run may have been
// faster: its answers are the same.
func (k keeper) keep(r *Recording) (*Recording, error) {
	if k.key == "" {
		return r, nil
	}
	dir := filepath.Dir(r.Path)
	sum, err := checksum(r.Path)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(about{Format: format, Rows: r.rows, SHA256: sum, Label: r.Label, Classes: r.Classes, Scores: r.Scores})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, aboutFile), text, 0o600); err != nil {
		return nil, err
	}
	k.cache.tidy(time.Now())
	final := filepath.Join(k.cache.Dir, k.key)
	err = os.Rename(dir, final)
	if err != nil {
		if kept, ok := k.cache.find(k.key, r.rows); ok {
			os.RemoveAll(dir)
			return kept, nil
		}
		os.RemoveAll(final) // it is broken, else it had been found
		err = os.Rename(dir, final)
	}
	if err != nil {
		return r, nil // this run has its own
	}
	r.Path, r.remove = filepath.Join(final, answersFile), nil
	return r, nil
}

// tidy removes recordings that have not been used for long, and what killed runs
// have left.
func (c Cache) tidy(now time.Time) {
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > unused {
			os.RemoveAll(filepath.Join(c.Dir, e.Name()))
		}
	}
}
