// Package scratch gives directories for temporary files that do not outlive their
// process for long: what a killed one leaves is removed by the next.
package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// prefix is of the names of all such directories.
const prefix = "noworse-"

// ownerFile is locked by the process whose directory it is in, as long as it lives.
const ownerFile = "owner"

// young is how long a directory without a living owner stays: its owner may be
// about to lock it.
const young = time.Minute

// locks are those of this process, by directory. They are held by being here: a
// lock that nobody refers to is let go.
var locks sync.Map

var once sync.Once

// New is a new directory among those for temporary files. The first one of a
// process also removes those of processes that are gone.
func New() (string, error) {
	once.Do(func() { sweep(os.TempDir(), time.Now()) })
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(dir, ownerFile), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	locks.Store(dir, lock)
	return dir, nil
}

// Remove removes a directory that New gave, and all that is in it. "" is none.
func Remove(dir string) error {
	if dir == "" {
		return nil
	}
	var err error
	if lock, ok := locks.LoadAndDelete(dir); ok {
		err = lock.(*flock.Flock).Close() // or the file could not be removed on Windows
	}
	return errors.Join(err, os.RemoveAll(filepath.Clean(dir)))
}

// sweep removes the directories whose owners are gone. What it cannot remove, or
// is not this user's, stays: it is not what the run is about.
func sweep(parent string, now time.Time) {
	dirs, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		if orphaned(dir, now) {
			os.RemoveAll(dir)
		}
	}
}

// orphaned reports whether a directory is one that New gave to a process that is gone.
func orphaned(dir string, now time.Time) bool {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() || !ours(info) {
		return false
	}
	path := filepath.Join(dir, ownerFile)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || now.Sub(info.ModTime()) < young {
		return false
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	defer lock.Close()
	locked, err := lock.TryLock()
	return err == nil && locked
}
