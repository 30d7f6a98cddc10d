// Package wholefile writes files whole or not at all: a crash leaves the old
// file, or none.
package wholefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file beside its place, under a name that begins with prefix,
// and renames it there when all of it is on the disk.
func Write(path, prefix string, fill func(io.Writer) error) error {
	s, err := Stage(path, prefix, fill)
	if err != nil {
		return err
	}
	return s.Keep()
}

// Staged is a file that is written and not yet in its place.
type Staged struct {
	Path      string // its place
	temporary string
}

// Stage writes a file beside its place, and leaves it to Keep to put it there:
// of several files none is in its place before all are on the disk.
func Stage(path, prefix string, fill func(io.Writer) error) (*Staged, error) {
	f, err := os.CreateTemp(filepath.Dir(path), prefix+"*")
	if err != nil {
		return nil, err
	}
	if err = fill(f); err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	s := &Staged{path, f.Name()}
	if err = errors.Join(err, f.Close()); err != nil {
		s.Drop()
		return nil, err
	}
	return s, nil
}

// Keep puts the file in its place. The directory is synced too: a rename could
// be lost with the power, and what was written after it stay.
func (s *Staged) Keep() error {
	if err := os.Rename(s.temporary, s.Path); err != nil {
		s.Drop()
		return err
	}
	return SyncDir(filepath.Dir(s.Path))
}

// Drop removes the file, unless it was kept.
func (s *Staged) Drop() { os.Remove(s.temporary) }

// Cause drops the path from an error, where the message names another: that of a
// temporary file nobody knows.
func Cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}
