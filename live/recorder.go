package live

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/noworse/noworse/internal/scratch"
	"github.com/noworse/noworse/model"
)

// groupRows is how many rows the file is written by.
const groupRows = 1 << 17

// recorder writes answers to a file. Threads add theirs in any order.
type recorder struct {
	what Request
	dir  string

	mu        sync.Mutex
	file      *os.File
	writer    *file.Writer // nil before the first answers, which say what columns there are
	first     *model.Answers
	rows      uint64
	positions []int64
	labels    []parquet.ByteArray
	numbers   []float64
	scores    [][]float64
}

func newRecorder(temporary func() (string, error), what Request) (*recorder, error) {
	dir, err := temporary()
	if err != nil {
		return nil, err
	}
	r := &recorder{what: what, dir: dir}
	if r.file, err = os.Create(filepath.Join(dir, answersFile)); err != nil {
		scratch.Remove(dir)
		return nil, err
	}
	return r, nil
}

func (r *recorder) abandon() {
	r.file.Close()
	scratch.Remove(r.dir)
}

// add writes the answers to the rows at some places.
func (r *recorder) add(positions []int64, a *model.Answers) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.begin(a); err != nil {
		return err
	}
	r.rows += uint64(len(positions))
	r.positions = append(r.positions, positions...)
	r.numbers = append(r.numbers, a.Numbers...)
	for _, label := range a.Labels {
		r.labels = append(r.labels, parquet.ByteArray(r.what.Canonical(label)))
	}
	for k := range a.Scores {
		r.scores[k] = append(r.scores[k], a.Scores[k]...)
	}
	if len(r.positions) >= groupRows {
		return r.flush()
	}
	return nil
}

// begin learns the columns from the first answers, and holds later ones to them.
func (r *recorder) begin(a *model.Answers) error {
	if r.first != nil {
		if (a.Labels == nil) != (r.first.Labels == nil) || len(a.Scores) != len(r.first.Scores) || !slices.Equal(a.Classes, r.first.Classes) {
			return &model.Error{Message: fmt.Sprintf("the model answers in two ways: %s to some rows, %s to others", shapeOf(r.first), shapeOf(a))}
		}
		return nil
	}
	r.first = &model.Answers{Classes: slices.Clone(a.Classes), Scores: make([][]float64, len(a.Scores))}
	fields := schema.FieldList{schema.NewInt64Node(Position, parquet.Repetitions.Required, -1)}
	switch {
	case r.what.Task == model.Regression:
		fields = append(fields, schema.NewFloat64Node(Label, parquet.Repetitions.Required, -1))
	case a.Labels != nil:
		r.first.Labels = []string{}
		text, err := schema.NewPrimitiveNodeLogical(Label, parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray, 0, -1)
		if err != nil {
			return err
		}
		fields = append(fields, text)
	}
	for k := range a.Scores {
		fields = append(fields, schema.NewFloat64Node(Score(k), parquet.Repetitions.Required, -1))
	}
	r.scores = make([][]float64, len(a.Scores))
	root, err := schema.NewGroupNode("answers", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	r.writer = file.NewParquetWriter(r.file, root, file.WithWriterProps(parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy))))
	return nil
}

func shapeOf(a *model.Answers) string {
	labels := "no label"
	if a.Labels != nil {
		labels = "a label"
	}
	return fmt.Sprintf("%s and %d scores", labels, len(a.Scores))
}

// flush writes the rows that are held as one group.
func (r *recorder) flush() error {
	if len(r.positions) == 0 {
		return nil
	}
	group := r.writer.AppendRowGroup()
	if err := writeInts(group, r.positions); err != nil {
		return err
	}
	switch {
	case r.what.Task == model.Regression:
		if err := writeFloats(group, r.numbers); err != nil {
			return err
		}
	case r.first.Labels != nil:
		if err := writeTexts(group, r.labels); err != nil {
			return err
		}
	}
	for k := range r.scores {
		if err := writeFloats(group, r.scores[k]); err != nil {
			return err
		}
		r.scores[k] = r.scores[k][:0]
	}
	r.positions, r.labels, r.numbers = r.positions[:0], r.labels[:0], r.numbers[:0]
	return group.Close()
}

func writeInts(group file.SerialRowGroupWriter, values []int64) error {
	c, err := group.NextColumn()
	if err != nil {
		return err
	}
	_, err = c.(*file.Int64ColumnChunkWriter).WriteBatch(values, nil, nil)
	return cmp.Or(err, c.Close())
}

func writeFloats(group file.SerialRowGroupWriter, values []float64) error {
	c, err := group.NextColumn()
	if err != nil {
		return err
	}
	_, err = c.(*file.Float64ColumnChunkWriter).WriteBatch(values, nil, nil)
	return cmp.Or(err, c.Close())
}

func writeTexts(group file.SerialRowGroupWriter, values []parquet.ByteArray) error {
	c, err := group.NextColumn()
	if err != nil {
		return err
	}
	_, err = c.(*file.ByteArrayColumnChunkWriter).WriteBatch(values, nil, nil)
	return cmp.Or(err, c.Close())
}

// finish writes what is left, and is the file.
func (r *recorder) finish() (*Recording, error) {
	if r.writer == nil {
		return nil, &model.Error{Message: "there is no row that the model could be asked about"}
	}
	if err := cmp.Or(r.flush(), r.writer.Close()); err != nil {
		return nil, err
	}
	out := &Recording{Path: r.file.Name(), Label: r.what.Task == model.Regression || r.first.Labels != nil, Scores: len(r.first.Scores), rows: r.rows}
	for _, class := range r.first.Classes {
		out.Classes = append(out.Classes, r.what.Canonical(class))
	}
	dir := r.dir
	out.remove = func() error { return scratch.Remove(dir) }
	return out, nil
}
