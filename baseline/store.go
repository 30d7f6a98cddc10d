package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"

	"github.com/noworse/noworse/internal/wholefile"
)

// Store is a directory of baselines.
type Store struct {
	Dir  string
	Rows string // directory for the files of rows; "": rows in Dir
}

const (
	pointerFile = "baseline.json"
	historyDir  = "history"
	rowsDir     = "rows"
	lockFile    = ".lock"
	tempPrefix  = ".new-"
)

// State is what baseline.json holds: the checksum of a baseline, none, or
// something that is not whole. An accept names the one that it replaces.
type State string

// NoBaseline is the state of a store that nothing was accepted into.
const NoBaseline State = ""

// State is the state of a store whose baseline this is; b may be nil.
func (b *Baseline) State() State {
	if b == nil {
		return NoBaseline
	}
	return State(b.Checksum)
}

// Unusable is the error of a store whose baseline cannot be relied on.
type Unusable struct {
	Path    string
	Problem string
	State   State // for an accept that is to replace it
}

func (u *Unusable) Error() string { return u.Path + " " + u.Problem }

// Load reads the current baseline; nil if none was accepted yet. The error is
// *Unusable where there is one that cannot be relied on.
func (s Store) Load() (*Baseline, error) {
	path := filepath.Join(s.Dir, pointerFile)
	file, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.lost(path)
	case errors.Is(err, syscall.ENOTDIR):
		return nil, &Unusable{Path: s.Dir, Problem: "is a file, and a store is a directory", State: damaged(nil)}
	case err != nil:
		return nil, &Unusable{Path: path, Problem: "cannot be read: " + wholefile.Cause(err).Error(), State: damaged(nil)}
	}
	b, err := decode(file)
	if err != nil {
		return nil, &Unusable{Path: path, Problem: err.Error(), State: damaged(file)}
	}
	return b, nil
}

// damaged is the state of a pointer that is not whole.
func damaged(file []byte) State {
	sum := sha256.Sum256(file)
	return State("damaged " + hex.EncodeToString(sum[:]))
}

// lost reports a store whose baseline is gone: nothing to compare with must not
// look like nothing to compare with yet. The first accept writes its history
// before its baseline, so one entry alone is what a crash leaves.
func (s Store) lost(path string) error {
	if target, err := os.Readlink(s.Dir); err == nil && !exists(s.Dir) {
		return &Unusable{Path: s.Dir, Problem: "is a link to " + target + ", which is not there", State: damaged(nil)}
	}
	entries, err := s.entries()
	if err != nil || len(entries) == 0 || entries[len(entries)-1].number < 2 {
		return err
	}
	return &Unusable{Path: path, Problem: "is missing, though baselines were accepted here", State: damaged(nil)}
}

// entry is a file of the history.
type entry struct {
	number int
	name   string
}

var entryName = regexp.MustCompile(`^([0-9]{4,9})-[0-9a-f]{8}\.json$`)

// entries lists the files of the history, the oldest first.
func (s Store) entries() ([]entry, error) {
	files, err := os.ReadDir(filepath.Join(s.Dir, historyDir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, &Unusable{Path: filepath.Join(s.Dir, historyDir), Problem: "cannot be read: " + wholefile.Cause(err).Error(), State: damaged(nil)}
	}
	var list []entry
	for _, f := range files {
		if m := entryName.FindStringSubmatch(f.Name()); m != nil {
			n, _ := strconv.Atoi(m[1]) // at most nine digits
			list = append(list, entry{n, f.Name()})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return a.number - b.number })
	return list, nil
}

// History is every baseline up to the current one, the newest first.
func (s Store) History() ([]*Baseline, error) {
	current, err := s.Load()
	if err != nil || current == nil {
		return nil, err
	}
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	list := []*Baseline{current}
	for _, e := range slices.Backward(entries) {
		if e.number >= current.Number { // itself, or left by a crash
			continue
		}
		b, err := s.readEntry(e)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

func (s Store) readEntry(e entry) (*Baseline, error) {
	path := filepath.Join(s.Dir, historyDir, e.name)
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, &Unusable{Path: path, Problem: "cannot be read: " + wholefile.Cause(err).Error()}
	}
	b, err := decode(file)
	if err != nil {
		return nil, &Unusable{Path: path, Problem: err.Error()}
	}
	return b, nil
}

// RowsPath is the file with the rows of a baseline, after it was held against
// its checksum. It is looked for where rows are kept now, then within the store.
func (s Store) RowsPath(b *Baseline) (string, error) {
	path := filepath.Join(s.rowsDir(), b.Rows.File)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if inside := filepath.Join(s.Dir, rowsDir, b.Rows.File); exists(inside) {
			path = inside
		}
	}
	problem := ""
	switch sum, size, err := digest(path); {
	case errors.Is(err, fs.ErrNotExist):
		problem = "is missing: it holds the baseline's answers row by row"
	case err != nil:
		problem = "cannot be read: " + wholefile.Cause(err).Error()
	case sum != b.Rows.SHA256:
		problem = "is not the file that was accepted: its content is another"
		if size != b.Rows.Bytes {
			problem = fmt.Sprintf("is not the file that was accepted: %d bytes, and it had %d", size, b.Rows.Bytes)
		}
	default:
		return path, nil
	}
	return "", &Unusable{Path: path, Problem: problem, State: b.State()}
}

func (s Store) rowsDir() string {
	if s.Rows != "" {
		return s.Rows
	}
	return filepath.Join(s.Dir, rowsDir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// digest is the SHA-256 and the size of a file.
func digest(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
