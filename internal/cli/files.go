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

// writeFile writes a file whole or not at all: a crash leaves the old one. What
// is no regular file, such as a pipe or /dev/null, is written to as it is: a
// rename would put a file in its place.
func writeFile(path string, content []byte) error {
	return writeStream(path, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// writeStream is writeFile for content that a function writes.
func writeStream(path string, write func(io.Writer) error) error {
	target, info, err := targetOf(path)
	switch {
	case err != nil:
	case info != nil && !info.Mode().IsRegular():
		err = appendTo(target, write)
	default:
		err = replace(target, write)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, cause(err))
	}
	return nil
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
		return fmt.Errorf("%s cannot be written: %w", path, cause(err))
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

// replace writes beside the file and renames over it.
func replace(path string, write func(io.Writer) error) error {
	return wholefile.Write(path, "."+filepath.Base(path)+".", write)
}

func cause(err error) error { return wholefile.Cause(err) }
