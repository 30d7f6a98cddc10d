package noworse

import (
	"context"
	"fmt"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/spec"
)

// InferContract writes what data like a table's must be, as text that a spec's contract
// can be from. labels are columns that only rows for training have.
func InferContract(ctx context.Context, path string, labels []string, o Options) (string, error) {
	o = o.withDefaults()
	source, err := o.open(ctx, dataset.Layout{Eval: dataset.Table{At: "the data", Path: path}})
	if err != nil {
		return "", err
	}
	defer source.Close()
	for _, label := range labels {
		if _, ok := dataset.Find(source.Columns(), label); !ok {
			return "", fmt.Errorf("%s has no column %q", path, label)
		}
	}
	p, err := profile.Build(ctx, source, profile.Options{})
	if err != nil {
		return "", err
	}
	facts, err := gate.FactsOf(ctx, source, p)
	if err != nil {
		return "", err
	}
	facts.Labels = labels
	c := contract.Infer(p, facts)
	text := c.Text(spec.RedactURL(path), p.Rows)
	if _, err := spec.ParseContract(path, []byte(text)); err != nil {
		return "", fmt.Errorf("a contract of these columns could not be read again, so none was written:\n%w", err)
	}
	return text, nil
}
