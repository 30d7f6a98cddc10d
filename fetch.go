package noworse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/remote"
	"github.com/noworse/noworse/spec"
)

// CacheDir is where copies of remote files are kept unless Options say otherwise.
func CacheDir() (string, error) { return remote.DefaultDir() }

// Engine starts what reads the data, and returns its version.
func Engine(ctx context.Context) (string, error) { return duckdb.Version(ctx) }

// open is where the gate's port to rows gets its adapters: remote files become
// local ones, which DuckDB reads.
func (o Options) open(ctx context.Context, l dataset.Layout) (dataset.Source, error) {
	if l.Eval.Files == nil && l.Eval.At == gate.AtFunction {
		l.Eval.Files = o.rows
	}
	cache := &remote.Cache{Dir: o.Cache}
	if o.Fetching != nil {
		cache.Progress = func(url string, done, total int64) { o.Fetching(spec.RedactURL(url), done, total) }
	}
	if err := fetch(ctx, cache, &l); err != nil {
		cache.Close()
		return nil, err
	}
	var total uint64
	options := duckdb.Options{Threads: o.Threads, Memory: o.Memory}
	if o.Progress != nil {
		options.Progress = func(rows uint64) { o.Progress(rows, total) }
	}
	source, err := duckdb.Open(ctx, l, options)
	if err != nil {
		cache.Close()
		return nil, err
	}
	total = source.Rows()
	return fetchedSource{source, cache}, nil
}

// fetchedSource is a source that reads copies of remote files.
type fetchedSource struct {
	dataset.Source
	cache *remote.Cache
}

func (s fetchedSource) Close() error { return errors.Join(s.Source.Close(), s.cache.Close()) }

// fetch gives the remote tables of a layout local files. The formats of all that
// are no patterns are known before the first is fetched.
func fetch(ctx context.Context, cache *remote.Cache, l *dataset.Layout) error {
	l.Joined, l.Attached = slices.Clone(l.Joined), slices.Clone(l.Attached)
	tables := []*dataset.Table{&l.Eval}
	for i := range l.Joined {
		tables = append(tables, &l.Joined[i])
	}
	for i := range l.Attached {
		tables = append(tables, &l.Attached[i])
	}
	tables = slices.DeleteFunc(tables, func(t *dataset.Table) bool { return !spec.IsRemote(t.Path) })
	failed := each(tables, func(t *dataset.Table) error {
		name := remote.Base(t.Path)
		if err := duckdb.CheckFormat(name); err != nil && !strings.ContainsAny(name, "*?[{") {
			return &dataset.TableError{At: t.At, Message: t.Path + ": " + err.Error(), Hint: duckdb.Formats}
		}
		return nil
	})
	if failed == nil {
		failed = each(tables, func(t *dataset.Table) error { return fetchTable(ctx, cache, t) })
	}
	return cmp.Or(ctx.Err(), failed)
}

// each joins the errors of all tables.
func each(tables []*dataset.Table, do func(*dataset.Table) error) error {
	var errs []error
	for _, t := range tables {
		errs = append(errs, do(t))
	}
	return errors.Join(errs...)
}

func fetchTable(ctx context.Context, cache *remote.Cache, t *dataset.Table) error {
	copies, err := cache.Fetch(ctx, t.Path)
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return &dataset.TableError{At: t.At, Message: fmt.Sprintf("%s: %s", t.Path, e.Message), Hint: e.Hint}
	}
	for _, c := range copies {
		t.Files = append(t.Files, dataset.File{Name: c.Name, Path: c.Path})
	}
	return err
}
