package verdict

import (
	"math"
	"testing"
)

func TestPoint(t *testing.T) {
	e := func(v float64) *Estimate { return &Estimate{Value: v} }
	for name, c := range map[string]struct {
		limit     Limit
		baseline  *Estimate
		candidate Estimate
		want      Verdict
		reason    Reason
	}{
		"within":                    {Limit{Kind: MaxDrop, Value: 0.02}, e(0.8), Estimate{Value: 0.79}, Pass, None},
		"at the limit":              {Limit{Kind: MaxDrop, Value: 0.02}, e(0.8), Estimate{Value: 0.78}, Pass, None}, // 0.8-0.78 > 0.02 in doubles
		"just beyond":               {Limit{Kind: MaxDrop, Value: 0.02}, e(0.8), Estimate{Value: 0.78 - 1e-9}, Fail, None},
		"better":                    {Limit{Kind: MaxDrop, Value: 0}, e(0.8), Estimate{Value: 0.9}, Pass, None},
		"the same, no margin":       {Limit{Kind: MaxDrop, Value: 0}, e(0.8), Estimate{Value: 0.8}, Pass, None},
		"rise":                      {Limit{Kind: MaxRise, Value: 0.05, Relative: true}, e(2), Estimate{Value: 2.2}, Fail, None},
		"relative rise within":      {Limit{Kind: MaxRise, Value: 0.05, Relative: true}, e(2), Estimate{Value: 2.1}, Pass, None},
		"relative to the size":      {Limit{Kind: MaxDrop, Value: 0.1, Relative: true}, e(-2), Estimate{Value: -2.3}, Fail, None},
		"tiny values are no slack":  {Limit{Kind: MaxRise, Value: 0.05, Relative: true}, e(1e-16), Estimate{Value: 8e-13}, Fail, None},
		"a tiny maximum":            {Limit{Kind: Max, Value: 1e-13}, nil, Estimate{Value: 8e-13}, Fail, None},
		"change down":               {Limit{Kind: MaxChange, Value: 0.1}, e(0.5), Estimate{Value: 0.3}, Fail, None},
		"change up":                 {Limit{Kind: MaxChange, Value: 0.1}, e(0.5), Estimate{Value: 0.7}, Fail, None},
		"minimum kept":              {Limit{Kind: Min, Value: 0.8}, nil, Estimate{Value: 0.8}, Pass, None},
		"minimum missed":            {Limit{Kind: Min, Value: 0.8}, nil, Estimate{Value: 0.7999}, Fail, None},
		"maximum missed":            {Limit{Kind: Max, Value: 0.8}, nil, Estimate{Value: 0.8001}, Fail, None},
		"bound of the candidate":    {Limit{Kind: MaxDrop, Value: 0.02}, e(0.8), Estimate{0.785, 0.01}, Inconclusive, WithinBound},
		"bound of the baseline":     {Limit{Kind: MaxDrop, Value: 0.02}, &Estimate{0.8, 0.01}, Estimate{Value: 0.785}, Inconclusive, WithinBound},
		"bounds that do not matter": {Limit{Kind: MaxDrop, Value: 0.02}, &Estimate{0.8, 0.001}, Estimate{0.7, 0.001}, Fail, None},
		"bounds within the margin":  {Limit{Kind: MaxDrop, Value: 0.02}, &Estimate{0.8, 0.001}, Estimate{0.8, 0.001}, Pass, None},
		"NaN candidate":             {Limit{Kind: MaxDrop, Value: 0.02}, e(0.8), Estimate{Value: math.NaN()}, Error, NotANumber},
		"NaN baseline":              {Limit{Kind: MaxDrop, Value: 0.02}, e(math.NaN()), Estimate{Value: 0.8}, Error, NotANumber},
		"infinite candidate":        {Limit{Kind: Min, Value: 0.5}, nil, Estimate{Value: math.Inf(1)}, Error, NotANumber},
		"no baseline":               {Limit{Kind: MaxDrop, Value: 0.02}, nil, Estimate{Value: 0.8}, Error, NotANumber},
		"share of nothing":          {Limit{Kind: MaxRise, Value: 0.05, Relative: true}, e(0), Estimate{Value: 0}, Error, ZeroBaseline},
	} {
		t.Run(name, func(t *testing.T) {
			if d := Point(c.limit, c.baseline, c.candidate); d.Verdict != c.want || d.Reason != c.reason {
				t.Errorf("%s (%s), want %s (%s)", d.Verdict, d.Reason, c.want, c.reason)
			}
		})
	}
}
