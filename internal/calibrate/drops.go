package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Drop says how often a drop of twice the margin in one of twenty slices failed,
// and how often `noworse power` said it would.
type Drop struct {
	Metric   string  `json:"metric"`
	Rows     int     `json:"rows"` // of the slice
	Margin   float64 `json:"margin"`
	Drop     float64 `json:"drop"`
	Basis    string  `json:"basis"` // what power went by
	Releases int     `json:"releases"`
	Foreseen float64 `json:"foreseen"`
	Caught   float64 `json:"caught"`
}

const (
	discordanceOfDrops = .05
	accuracy           = .8413447460685429 // Phi(1), of both models where nothing is worse
)

// dropped is a metric that is made worse in one slice.
type dropped struct {
	metric, rule string // the limit and its kind
	margin       float64
	regression   bool
	// Of metrics of the labels answers are turned wrong, as power assumes; of
	// others the candidate's scores tell the classes apart less well.
	turned float64 // by how much accuracy falls; 0: scores
	rows   []int
}

// dropCase is one of them with its worlds.
type dropCase struct {
	dropped
	good, bad world
}

// With classes as frequent as each other, recall and F1 fall as accuracy does,
// and the correlation of Matthews twice as much.
var drops = []dropped{
	{"accuracy", "max_drop", .03, false, .06, []int{150, 300, 500, 1000}},
	{"recall", "max_drop", .03, false, .06, []int{300, 600, 1000}},
	{"f1", "max_drop", .03, false, .06, []int{150, 300, 500, 1000}},
	{"mcc", "max_drop", .06, false, .06, []int{150, 300, 500, 1000}},
	{"roc_auc", "max_drop", .01, false, 0, []int{150, 300, 600}},
	{"log_loss", "max_rise", .02, false, 0, []int{150, 300, 600}},
	{"rmse", "max_rise", .03, true, 0, []int{150, 300, 600}},
	{"average_precision", "max_drop", .01, false, 0, []int{150, 300, 600}},
	{"pearson", "max_drop", .02, true, 0, []int{150, 300, 600}},
	{"median_absolute_error", "max_rise", .05, true, 0, []int{150, 300, 600}},
}

func (s simulation) drops(most int) ([]Drop, error) {
	var list []Drop
	for _, d := range drops {
		if !s.asked(d.metric) {
			continue
		}
		prepared := d.prepare()
		for _, rows := range d.rows {
			if rows > most {
				continue
			}
			one, err := s.drop(prepared, rows)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
	}
	return list, nil
}

func (d dropped) prepare() dropCase {
	w := world{positive: .5, mu: spread, correlation: correlationFor(discordanceOfDrops), regression: d.regression}
	bad := w
	bad.worse = d.worse(w)
	return dropCase{d, w, bad}
}

func (d dropped) spec() (*spec.Spec, error) {
	return setting{regression: d.regression, rules: fmt.Sprintf("%s: {%s: %v}", d.metric, d.rule, d.margin), slices: slicesOfRelease, fail: "evidence"}.parse()
}

// worse is how much smaller the candidate's mu is, or how much larger its errors,
// for twice the margin.
func (d dropped) worse(w world) float64 {
	low, high := 0.0, w.mu
	for range 60 {
		middle := (low + high) / 2
		if change := w.truth(middle)[d.metric] - w.truth(0)[d.metric]; max(change, -change) < 2*d.margin {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// draw makes rows of twenty slices; the first is worse, unless even.
func (d dropCase) draw(random *rand.Rand, rows int, even bool) *set {
	s := d.good.draw(random, rows*slicesOfRelease)
	s.split(slicesOfRelease)
	switch {
	case even:
	case d.turned > 0:
		s.hurt(random, 0, d.turned, accuracy-discordanceOfDrops/2)
	default:
		bad := d.bad.draw(random, rows)
		copy(s.label, bad.label)
		copy(s.target, bad.target)
		copy(s.old, bad.old)
		copy(s.new, bad.new)
	}
	return s
}

func (s simulation) drop(d dropCase, rows int) (Drop, error) {
	out := Drop{Metric: d.metric, Rows: rows, Margin: d.margin, Drop: 2 * d.margin, Releases: s.runs}
	sp, err := d.spec()
	if err != nil {
		return out, err
	}
	id := "slice/s0/" + d.metric + "/" + d.rule
	failed := make([]bool, s.runs)
	name := fmt.Sprint("drop ", d.metric, rows)
	err = s.each(name, func(i int, random *rand.Rand) error {
		r, err := check(sp, d.draw(random, rows, false))
		if err != nil {
			return err
		}
		failed[i] = find(r, id).Verdict == result.Fail
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Caught = share(failed)
	out.Foreseen, out.Basis, err = s.foreseen(name, sp, d, rows, id)
	return out, err
}

// foreseen is what power says before: of metrics of the labels without a
// candidate, of others with one that is as good. The mean of a few sets, since it
// depends a little on the rows.
func (s simulation) foreseen(name string, sp *spec.Spec, d dropCase, rows int, id string) (mean float64, basis string, err error) {
	const sets = 8
	chances := make([]float64, sets)
	err = simulation{seed: s.seed, runs: sets}.each(name+" foreseen", func(i int, random *rand.Rand) error {
		even := d.draw(random, rows, true)
		even.alone = d.turned > 0
		p, err := gate.Power(context.Background(), sp, options(even), gate.Assumptions{})
		if err != nil {
			return err
		}
		for _, c := range p.Checks {
			if c.ID == id && c.Caught != nil {
				chances[i] = *c.Caught
				if i == 0 {
					basis = c.Basis
				}
			}
		}
		return nil
	})
	for _, c := range chances {
		mean += c / sets
	}
	return mean, basis, err
}
