package duckdb

import (
	"os"

	"github.com/noworse/noworse/dataset"
)

// original is a file as it was when the run began.
type original struct {
	path, name, at string
	info           os.FileInfo
}

// remember notes how the files of a table are before any of them is read: a run
// reads its files more than once, and must not mix two versions of them.
func (s *source) remember(t dataset.Table, f files) error {
	for _, p := range f.paths {
		info, err := os.Stat(p)
		if err != nil {
			return &dataset.TableError{At: t.At, Message: f.name(p) + ": " + withoutPath(err).Error()}
		}
		s.originals = append(s.originals, original{p, f.name(p), t.At, info})
	}
	return nil
}

// changed is the first file that is no longer what it was; nil if all are.
func (s *source) changed() error {
	for _, o := range s.originals {
		now, err := os.Stat(o.path)
		if err != nil || !os.SameFile(now, o.info) || now.Size() != o.info.Size() || !now.ModTime().Equal(o.info.ModTime()) {
			return &dataset.TableError{At: o.at, Message: o.name + ": the file changed while it was read", Hint: "run it again when nothing writes to it"}
		}
	}
	return nil
}
