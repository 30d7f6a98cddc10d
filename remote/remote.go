// Package remote brings files from buckets and web servers onto this machine.
//
//	URL ─▶ sources ─▶ is the copy in the cache still the current version? ─▶ copy
//	                  else download, hold it against size and checksums, rename
//
// A file is in the cache whole or not at all, and no copy is used whose version
// could not be checked. Credentials come from the environment, in the usual way
// of each service; what this package says of an error repeats no URL.
package remote

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Copy is a local copy of a remote file.
type Copy struct {
	Name string // its URL
	Path string // of the copy
}

// Error is why a file cannot be had, in words that follow its URL.
type Error struct{ Message, Hint string }

func (e *Error) Error() string { return e.Message }

// Cache holds copies of remote files for one run, until Close.
type Cache struct {
	Dir string // "": see DefaultDir
	// Progress is told how many bytes of a file have arrived; total is -1 where
	// the service does not say. It may be nil.
	Progress func(name string, done, total int64)

	patience time.Duration                              // how long a service may be silent; 0: a minute
	pause    func(context.Context, time.Duration) error // between tries; nil: sleep
	client   *http.Client                               // nil: newClient

	fetched map[string][]Copy
	used    []*entry
}

// silence is how long a service may be silent.
const silence = time.Minute

// DefaultDir is where copies are kept unless a Cache says otherwise.
func DefaultDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", &Error{"there is no directory for copies of remote files", "NOWORSE_CACHE names one"}
	}
	return filepath.Join(dir, "noworse"), nil
}

// Fetch brings the file of a URL, or the files of a bucket that a pattern
// matches, sorted by name. Within a Cache each URL is asked for once, so that
// all of a run sees the same version.
func (c *Cache) Fetch(ctx context.Context, url string) ([]Copy, error) {
	if copies, ok := c.fetched[url]; ok {
		return copies, nil
	}
	copies, err := c.fetch(ctx, url)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, explain(err, scheme(url))
	}
	if c.fetched == nil {
		c.fetched = map[string][]Copy{}
	}
	c.fetched[url] = copies
	return copies, nil
}

func (c *Cache) fetch(ctx context.Context, url string) ([]Copy, error) {
	if err := c.prepare(); err != nil {
		return nil, err
	}
	files, err := c.filesOf(ctx, url)
	if err != nil {
		return nil, err
	}
	copies := make([]Copy, len(files))
	for i, f := range files {
		path, err := c.bring(ctx, f)
		if err != nil {
			return nil, err
		}
		copies[i] = Copy{Name: f.name, Path: path}
	}
	return copies, nil
}

// prepare fills in what the Cache does not say.
func (c *Cache) prepare() (err error) {
	if c.Dir == "" {
		if c.Dir, err = DefaultDir(); err != nil {
			return err
		}
	}
	if c.patience == 0 {
		c.patience = silence
	}
	if c.pause == nil {
		c.pause = sleep
	}
	if c.client == nil {
		c.client = newClient()
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Close lets other runs remove the copies.
func (c *Cache) Close() error {
	var errs []error
	for _, e := range c.used {
		errs = append(errs, e.release())
	}
	c.used, c.fetched = nil, nil
	return errors.Join(errs...)
}

// file is one remote file.
type file struct {
	name string // its URL
	from source
}

// source is where one file comes from.
type source interface {
	// get opens the current content; nil if its version is the one that the
	// caller has already.
	get(ctx context.Context, have string) (*content, error)
}

// filesOf is the file of a URL, or those that a pattern matches.
func (c *Cache) filesOf(ctx context.Context, url string) ([]file, error) {
	kind := scheme(url)
	if kind == "http" || kind == "https" {
		return []file{{url, &web{client: c.client, url: url, pause: c.pause}}}, nil
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(url, kind+"://"), "/")
	ctx, alive, done := c.watch(ctx)
	defer done()
	b, err := c.openBucket(ctx, kind, name)
	if err != nil {
		return nil, cause(ctx, err)
	}
	keys, err := matching(ctx, b, key, alive)
	if err != nil {
		return nil, cause(ctx, err)
	}
	var files []file
	for _, k := range keys {
		files = append(files, file{kind + "://" + name + "/" + k, b.file(k)})
	}
	return files, nil
}

func scheme(url string) string {
	kind, _, _ := strings.Cut(url, "://")
	return kind
}

// Base is the last element of a URL's path, which says the file's format.
func Base(url string) string {
	if kind := scheme(url); kind == "http" || kind == "https" {
		url, _, _ = strings.Cut(url, "#")
		url, _, _ = strings.Cut(url, "?")
	}
	return url[strings.LastIndex(url, "/")+1:]
}
