package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// entry is the place of one URL in the cache: a directory with the current copy
// and two locks. "fetch" is held while a copy is made or removed; "use" is
// shared by the runs that read one, and nobody removes a copy while it is.
type entry struct {
	dir        string
	fetch, use *flock.Flock
}

// current says what the copy in an entry is.
type current struct {
	Version string `json:"version"`
	File    string `json:"file"` // within the entry
	Size    int64  `json:"size"`
}

// unused is how long a copy stays that no run asks for.
const unused = 30 * 24 * time.Hour

// patienceForLock is between two looks at a lock.
const patienceForLock = 50 * time.Millisecond

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func (c *Cache) entry(url string) (*entry, error) {
	dir := filepath.Join(c.Dir, digest(url))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return entryIn(dir), nil
}

func entryIn(dir string) *entry {
	return &entry{dir: dir, fetch: flock.New(filepath.Join(dir, "fetch")), use: flock.New(filepath.Join(dir, "use"))}
}

func (e *entry) release() error { return e.use.Unlock() }

// bring makes sure that the copy of a file is the current version, and returns
// its path. The copy stays until the Cache is closed.
func (c *Cache) bring(ctx context.Context, f file) (path string, err error) {
	e, err := c.entry(f.name)
	if err != nil {
		return "", err
	}
	if _, err := e.fetch.TryLockContext(ctx, patienceForLock); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, e.fetch.Unlock()) }()
	have := e.read()
	got, err := c.renew(ctx, f, e, have)
	if err != nil {
		return "", err
	}
	if got != have {
		e.sweep(got)
		c.sweepOthers(e)
	}
	if _, err := e.use.TryRLockContext(ctx, patienceForLock); err != nil {
		return "", err
	}
	c.used = append(c.used, e)
	now := time.Now()
	return filepath.Join(e.dir, got.File), os.Chtimes(e.use.Path(), now, now)
}

// read is what the entry holds; nothing if the copy is not whole.
func (e *entry) read() current {
	var is current
	text, err := os.ReadFile(filepath.Join(e.dir, "current"))
	if err != nil || json.Unmarshal(text, &is) != nil || is.Version == "" || !filepath.IsLocal(is.File) {
		return current{}
	}
	info, err := os.Stat(filepath.Join(e.dir, is.File))
	if err != nil || info.Size() != is.Size {
		return current{}
	}
	return is
}

// renew asks for the current version and downloads it unless it is there.
func (c *Cache) renew(ctx context.Context, f file, e *entry, have current) (current, error) {
	watched, alive, done := c.watch(ctx)
	defer done()
	content, err := f.from.get(watched, have.Version)
	if err != nil {
		return current{}, unchecked(cause(watched, err), have)
	}
	if content == nil {
		return have, nil
	}
	defer content.body.Close()
	arrived := func(n int64) {
		alive()
		if c.Progress != nil {
			c.Progress(f.name, n, content.size)
		}
	}
	got, err := e.download(watched, f, content, arrived)
	return got, cause(watched, err)
}

// unchecked says that a copy is not used whose version could not be checked.
func unchecked(err error, have current) error {
	if have.Version == "" {
		return err
	}
	return errors.Join(err, errUnchecked)
}

var errUnchecked = errors.New("a copy is there")

// endings are what of a name says its format.
var endings = regexp.MustCompile(`(\.[A-Za-z0-9]{1,10}){1,2}$`)

// download makes a copy and then, once it is whole, the entry's current one.
func (e *entry) download(ctx context.Context, f file, from *content, arrived func(int64)) (is current, err error) {
	part, err := os.CreateTemp(e.dir, "part-*")
	if err != nil {
		return is, err
	}
	defer func() {
		if err != nil {
			part.Close()
			os.Remove(part.Name())
		}
	}()
	if is.Size, err = from.save(ctx, part, arrived); err != nil {
		return is, err
	}
	if err = errors.Join(part.Sync(), part.Close()); err != nil {
		return is, err
	}
	// A name of its own: a run may still read the copy before it.
	is.Version = from.version
	is.File = strings.TrimPrefix(filepath.Base(part.Name()), "part-") + endings.FindString(Base(f.name))
	if err = os.Rename(part.Name(), filepath.Join(e.dir, is.File)); err != nil {
		return is, err
	}
	return is, e.write(is)
}

// write says what the entry's current copy is.
func (e *entry) write(is current) error {
	text, err := json.Marshal(is)
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(e.dir, "part-*")
	if err != nil {
		return err
	}
	_, err = part.Write(text)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), filepath.Join(e.dir, "current"))
}

// sweep removes what is not the current copy, unless a run uses the entry: then
// the next one removes it. What cannot be removed stays; it is in no one's way.
func (e *entry) sweep(keep current) {
	if free, err := e.use.TryLock(); err != nil || !free {
		return
	}
	defer e.use.Unlock()
	files, err := os.ReadDir(e.dir)
	if err != nil {
		return
	}
	for _, f := range files {
		switch f.Name() {
		case "fetch", "use", "current", keep.File:
		default:
			os.Remove(filepath.Join(e.dir, f.Name()))
		}
	}
}

// sweepOthers removes the copies of files that no run has asked for in a while.
func (c *Cache) sweepOthers(current *entry) {
	dirs, err := os.ReadDir(c.Dir)
	if err != nil {
		return
	}
	for _, d := range dirs {
		e := entryIn(filepath.Join(c.Dir, d.Name()))
		info, err := os.Stat(e.use.Path())
		if err == nil && e.dir != current.dir && time.Since(info.ModTime()) > unused {
			e.remove()
		}
	}
}

// remove removes an entry that nobody uses.
func (e *entry) remove() {
	if free, err := e.fetch.TryLock(); err != nil || !free {
		return
	}
	defer e.fetch.Unlock()
	if free, err := e.use.TryLock(); err != nil || !free {
		return
	}
	defer e.use.Unlock()
	os.RemoveAll(e.dir)
}
