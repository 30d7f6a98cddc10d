package baseline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/noworse/noworse/internal/wholefile"
)

// MaxInside is the most bytes of rows that are kept within a store: git hosts
// refuse larger files.
const MaxInside = 20_000_000

// Conflict is the error of an accept that came second: the baseline is no
// longer the one that the model was judged against.
type Conflict struct{ Winner *Baseline } // nil: it cannot be read

func (c *Conflict) Error() string {
	if c.Winner == nil {
		return "the baseline was changed meanwhile"
	}
	by := ""
	if a := c.Winner.Anchoring; a != nil {
		if a.By != "" {
			by = " by " + a.By
		}
		return fmt.Sprintf("the anchor was changed meanwhile, at %s%s", a.At, by)
	}
	if c.Winner.By != "" {
		by = " by " + c.Winner.By
	}
	return fmt.Sprintf("another baseline was accepted meanwhile: number %d, at %s%s", c.Winner.Number, c.Winner.Accepted, by)
}

// TooLarge is the error of rows that must be kept outside of the store.
type TooLarge struct{ Bytes int64 }

func (t *TooLarge) Error() string {
	return fmt.Sprintf("the answers row by row take %d MB, and a store holds at most %d MB", (t.Bytes+999_999)/1_000_000, MaxInside/1_000_000)
}

// Accept makes b the current baseline, with a copy of a file of rows. It
// succeeds only if the store is still in the state that b was judged against.
// It fills in the number, the file of rows and the anchor: the first baseline of
// a store is its anchor too, and so is one whose Anchor is BeginsAnew; others keep
// the anchor of the baseline before.
func (s Store) Accept(ctx context.Context, b *Baseline, rows string, judged State) error {
	if err := s.measure(b, rows); err != nil {
		return err
	}
	return s.locked(ctx, judged, func(current *Baseline) error {
		switch {
		case current == nil || b.Anchor.isNext():
			b.Anchor = BeginsAnew()
		default:
			b.Anchor = current.anchorOfNext()
		}
		return s.commit(b, current, rows)
	})
}

// locked changes the store, if it is in the state that the change goes by.
// Nobody else can change it meanwhile.
func (s Store) locked(ctx context.Context, judged State, change func(current *Baseline) error) error {
	for _, dir := range []string{filepath.Join(s.Dir, historyDir), s.rowsDir()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return s.failed(err)
		}
		if err := wholefile.SyncDir(filepath.Dir(dir)); err != nil {
			return s.failed(err)
		}
	}
	lock := flock.New(filepath.Join(s.Dir, lockFile), flock.SetPermissions(0o644))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return s.failed(err)
	}
	defer lock.Close()
	current, err := s.compare(judged)
	if err != nil {
		return err
	}
	return s.failed(change(current))
}

func (s Store) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the baseline cannot be kept in %s: %w", s.Dir, err)
}

// measure fills in what there is to know of the file of rows.
func (s Store) measure(b *Baseline, rows string) error {
	sum, size, err := digest(rows)
	if err != nil {
		return err
	}
	if size > MaxInside && s.Rows == "" {
		return &TooLarge{size}
	}
	b.Rows.SHA256, b.Rows.Bytes, b.Rows.File = sum, size, sum+".parquet"
	return nil
}

// compare wants the store to be in a state. It returns its baseline; nil if
// there is none that can be read.
func (s Store) compare(judged State) (*Baseline, error) {
	current, err := s.Load()
	state := current.State()
	if u, ok := errors.AsType[*Unusable](err); ok {
		state = u.State
	} else if err != nil {
		return nil, err
	}
	if state != judged {
		return nil, &Conflict{current}
	}
	return current, nil
}

// commit writes the history, then the rows, then the baseline. Only the last
// counts; what a crash leaves of the others is swept by the next accept. rows is
// "" where they are there already.
func (s Store) commit(b, current *Baseline, rows string) error {
	entries, err := s.entries()
	if err != nil {
		return err
	}
	b.Number = 1
	switch {
	case current != nil:
		b.Number, b.Replaces = current.Number+1, current.Checksum
	case len(entries) > 0 && entries[len(entries)-1].number > 1:
		b.Number = entries[len(entries)-1].number + 1
	}
	if b.Anchor.isNext() {
		b.Anchor.Number, b.Anchor.Of, b.Anchor.Rows = b.Number, b.AcceptedAs(), b.Rows.File
	}
	if err := s.sweep(b.Number, entries, current); err != nil {
		return err
	}
	if err := b.verify(); err != nil {
		return fmt.Errorf("internal: the baseline %w", err)
	}
	file, checksum, err := b.encode()
	if err != nil {
		return err
	}
	b.Checksum = checksum
	name := fmt.Sprintf("%04d-%s.json", b.Number, checksum[:8])
	for _, step := range []func() error{
		func() error {
			return write(filepath.Join(s.Dir, ".gitignore"), []byte("/"+lockFile+"\n"+tempPrefix+"*\n"))
		},
		func() error { return write(filepath.Join(s.Dir, historyDir, name), file) },
		func() error {
			if rows == "" {
				return nil
			}
			return copyFile(filepath.Join(s.rowsDir(), b.Rows.File), rows)
		},
		func() error { return s.writeReference(b) },
		func() error { return write(filepath.Join(s.Dir, pointerFile), file) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.drop(entries, b.keeps)
	s.dropReferences(b)
	return nil
}

// sweep removes what accepts left that were killed: temporary files, and the
// history and rows of a baseline that never became the current one.
func (s Store) sweep(number int, entries []entry, current *Baseline) error {
	for _, dir := range []string{s.Dir, filepath.Join(s.Dir, historyDir), s.rowsDir()} {
		files, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, f := range files {
			if strings.HasPrefix(f.Name(), tempPrefix) {
				if err := remove(filepath.Join(dir, f.Name())); err != nil {
					return err
				}
			}
		}
	}
	for _, e := range entries {
		if e.number < number {
			continue
		}
		if b, err := s.readEntry(e); err == nil && !current.keeps(b.Rows.File) {
			if err := remove(filepath.Join(s.rowsDir(), b.Rows.File)); err != nil {
				return err
			}
		}
		if err := remove(filepath.Join(s.Dir, historyDir, e.name)); err != nil {
			return err
		}
	}
	return nil
}

// drop removes the rows of former baselines but of the anchor. That one of them stays is no harm,
// and the new baseline stands already, so nothing here is an error.
func (s Store) drop(entries []entry, keep func(file string) bool) {
	for _, e := range entries {
		b, err := s.readEntry(e)
		if err != nil || keep(b.Rows.File) {
			continue
		}
		_ = remove(filepath.Join(s.rowsDir(), b.Rows.File))
		_ = remove(filepath.Join(s.Dir, rowsDir, b.Rows.File))
	}
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func write(path string, content []byte) error {
	return wholefile.Write(path, tempPrefix, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

func copyFile(path, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	return wholefile.Write(path, tempPrefix, func(w io.Writer) error {
		_, err := io.Copy(w, source)
		return err
	})
}
