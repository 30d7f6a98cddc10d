package noworse

import (
	"context"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Assumptions are what Power takes for granted of a candidate that is not
// there; the zero value is a good choice.
type Assumptions = gate.Assumptions

// Power says which drops the rows of a spec can tell, and how many rows lack,
// before there is a candidate: its file need not be there. Nothing is judged.
func Power(ctx context.Context, s *spec.Spec, o Options, a Assumptions) (*result.Power, error) {
	stored, err := loadStored(s)
	if err != nil {
		return nil, withoutSecrets(s, err)
	}
	var r *result.Power
	err = o.withRows(ctx, s, func(o Options) (err error) {
		r, err = gate.Power(ctx, s, o.redacted(s).ofGate(stored), a)
		return err
	})
	if err != nil {
		return nil, withoutSecrets(s, err)
	}
	r.Summary = report.PowerSentence(r, IsRate)
	return r, nil
}
