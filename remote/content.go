package remote

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/dustin/go-humanize"
)

// content is what a service sends of a file.
type content struct {
	body    io.ReadCloser
	version string // "": there is nothing to tell it from others by
	size    int64  // -1: the service does not say
	sums    []sum
	// unchanged fails if the version is another one by now; nil where the
	// service gives the one that was asked for.
	unchanged func(context.Context) error
}

// sum is a checksum that the service gives.
type sum struct {
	name string
	hash hash.Hash
	want []byte
}

func md5Sum(want []byte) []sum {
	if len(want) != md5.Size {
		return nil
	}
	return []sum{{"MD5", md5.New(), want}}
}

func sha256Sum(want []byte) []sum {
	if len(want) != sha256.Size {
		return nil
	}
	return []sum{{"SHA-256", sha256.New(), want}}
}

// save writes the whole content to a file, or fails.
func (c *content) save(ctx context.Context, to *os.File, arrived func(int64)) (size int64, err error) {
	targets := []io.Writer{to}
	for _, s := range c.sums {
		targets = append(targets, s.hash)
	}
	size, err = io.Copy(io.MultiWriter(targets...), &counted{Reader: c.body, arrived: arrived})
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && c.size >= 0 && size != c.size:
		return 0, &Error{"it arrived cut short: " + humanize.Bytes(uint64(size)) + ofSize(c.size), "try again"}
	case err != nil:
		return 0, err
	case size == 0:
		return 0, &Error{"the file is empty", "write it again"}
	}
	for _, s := range c.sums {
		if !bytes.Equal(s.hash.Sum(nil), s.want) {
			return 0, &Error{fmt.Sprintf("it arrived damaged: its %s is not the one that the service gives", s.name), "try again"}
		}
	}
	if c.unchanged != nil {
		err = c.unchanged(ctx)
	}
	return size, err
}

func ofSize(size int64) string {
	if size < 0 {
		return ""
	}
	return " of " + humanize.Bytes(uint64(size))
}

// counted tells how much has been read.
type counted struct {
	io.Reader
	done    int64
	arrived func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	c.arrived(c.done)
	return n, err
}

// watch ends a context when the service is silent for too long; alive says that
// it is not.
func (c *Cache) watch(ctx context.Context) (watched context.Context, alive, done func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	silent := &Error{fmt.Sprintf("the service has been silent for %v", c.patience), "try again"}
	timer := time.AfterFunc(c.patience, func() { cancel(silent) })
	return ctx, func() { timer.Reset(c.patience) }, func() { timer.Stop(); cancel(nil) }
}

// cause is what went wrong: an error under a context that has ended is that end.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
