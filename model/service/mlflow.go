package service

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// invocations speaks with MLflow's scoring server, and what is like it.
type invocations struct{}

func (*invocations) learn(ctx context.Context, c *client) (about, error) {
	r, err := c.ask(ctx, question{path: []string{"version"}, what: "say what it is", mayLack: true})
	if err != nil {
		return about{}, err
	}
	version := strings.TrimSpace(string(r.body))
	if r.status/100 != 2 || version == "" || strings.ContainsAny(version, " <{\n") {
		return about{}, nil // what is like MLflow's server need not say so
	}
	return about{versions: []model.Version{{Name: "mlflow", Version: version}}}, nil
}

// prepare writes rows as the data frame that a model was trained on. What a column
// is told by must be the same in every batch, so whole numbers are written as such only
// where the column has no nulls.
func (*invocations) prepare(f *model.Frame) (func(from, to int) question, error) {
	for _, c := range f.Columns {
		if bad := where(len(c.Floats), func(i int) bool { return math.IsInf(c.Floats[i], 0) }); bad != nil {
			return nil, infinite(c.Name, bad)
		}
	}
	head := []byte(`{"dataframe_split":{"columns":[`)
	for i, c := range f.Columns {
		if i > 0 {
			head = append(head, ',')
		}
		head = appendText(head, c.Name)
	}
	head = append(head, `],"data":[`...)
	return func(from, to int) question {
		body := head[:len(head):len(head)]
		for row := from; row < to; row++ {
			body = append(body, '[')
			for k := range f.Columns {
				body = append(appendCell(body, &f.Columns[k], row), ',')
			}
			body[len(body)-1] = ']'
			body = append(body, ',')
		}
		body = append(body[:len(body)-1], "]}}"...)
		return question{path: []string{"invocations"}, body: body, header: map[string]string{"Content-Type": "application/json"}}
	}, nil
}

func appendCell(b []byte, c *model.Column, row int) []byte {
	if c.Null(row) {
		return append(b, "null"...)
	}
	switch c.Kind {
	case dataset.Text:
		return appendText(b, c.Texts[row])
	case dataset.Bool:
		return strconv.AppendBool(b, c.Ints[row] != 0)
	case dataset.Time:
		return appendText(b, time.UnixMicro(c.Ints[row]).UTC().Format("2006-01-02T15:04:05.999999"))
	case dataset.Integer:
		if !c.Nullable {
			return strconv.AppendInt(b, c.Ints[row], 10)
		}
		return appendNumber(b, float64(c.Ints[row]), 64, nil)
	}
	return appendNumber(b, c.Floats[row], 64, func(float64) string { return "null" })
}

func (*invocations) read(r *reply, rows int) ([]output, error) {
	var head struct{ Predictions any }
	if err := r.object(&head); err != nil {
		return nil, err
	}
	if head.Predictions == nil {
		return nil, &model.Error{Message: "the server's answer has no predictions", Gone: true}
	}
	return outputsOf("predictions", head.Predictions, rows)
}

func infinite(column string, rows []int) error {
	return &model.Error{Message: fmt.Sprintf("column %q is infinite in %s, which JSON cannot say", column, rowCount(len(rows))), Rows: rows}
}
