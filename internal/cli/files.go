package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noworse/noworse/internal/wholefile"
)

// content is what a file is to hold.
type content struct {
	path  string
	write func(io.Writer) error
}

// writeFile writes a file whole or not at all: a crash leaves the old one.
func writeFile(path string, made []byte) error {
	return writeAll(content{path, func(w io.Writer) error { _, err := w.Write(made); return err }})
}

// writeAll writes files that are in their places only when all of them are
// whole: where one cannot be written, all are as they were. What is no regular
// file, such as a pipe or /dev/null, is written to as it is: a rename would put a
// file in its place.
func writeAll(files ...content) error {
	var staged []*wholefile.Staged
	defer func() {
		for _, s := range staged {
			s.Drop()
		}
	}()
	var streams []content
	for _, f := range files {
		target, info, err := targetOf(f.path)
		if err == nil && info != nil && !info.Mode().IsRegular() {
			streams = append(streams, f)
			continue
		}
		var s *wholefile.Staged
		if err == nil {
			s, err = wholefile.Stage(target, "."+filepath.Base(target)+".", f.write)
		}
		if err != nil {
			return unwritable(f.path, err)
		}
		staged = append(staged, s)
	}
	for _, f := range streams {
		if err := appendTo(f.path, f.write); err != nil {
			return unwritable(f.path, err)
		}
	}
	for _, s := range staged {
		if err := s.Keep(); err != nil {
			return unwritable(s.Path, err)
		}
	}
	return nil
}

func unwritable(path string, err error) error {
	return fmt.Errorf("%s cannot be written: %w", path, cause(err))
}

// checkWritable finds out before a run what would keep its result from being
// written.
func checkWritable(path string) error {
	target, info, err := targetOf(path)
	if err == nil && info == nil {
		var dir fs.FileInfo
		switch dir, err = os.Stat(filepath.Dir(target)); {
		case errors.Is(err, fs.ErrNotExist):
			err = fmt.Errorf("there is no directory %s", filepath.Dir(path))
		case err == nil && !dir.IsDir():
			err = fmt.Errorf("%s is not a directory", filepath.Dir(path))
		}
	}
	if err != nil {
		return unwritable(path, err)
	}
	return nil
}

// targetOf follows links to the file that a path means; its info is nil where
// there is none yet.
func targetOf(path string) (string, fs.FileInfo, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, nil
	case err == nil && info.IsDir():
		return path, nil, errors.New("it is a directory")
	}
	return path, info, err
}

func appendTo(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func cause(err error) error { return wholefile.Cause(err) }
