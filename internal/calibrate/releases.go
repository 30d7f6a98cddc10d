package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// The rules that a fail may need, as `decision: {fail: …}` names them.
var failRules = []string{"evidence", "beyond", "point"}

// Releases says how releases of a candidate that is as good as the baseline
// came out.
type Releases struct {
	Checks   string  `json:"checks"`
	Rows     int     `json:"rows"`
	Rule     string  `json:"rule"`
	Releases int     `json:"releases"`
	Failed   float64 `json:"failed"` // share with any fail
	Red      float64 `json:"red"`    // share with another exit code than 0
}

// gated is what a simulated team checks.
type gated struct {
	name     string
	positive float64 // share of the positive class
	setting
	most int // rows; 0: as many as there are
}

var teams = []gated{
	{"accuracy", .5, setting{metrics: "accuracy: 0.02", rules: "accuracy: 0.03"}, 0},
	{"six metrics", .5, setting{
		metrics: "accuracy: 0.02, recall: 0.03, f1: 0.02, mcc: {max_drop: 0.03}, roc_auc: 0.01, log_loss: {max_rise: 5%}",
		rules:   "accuracy: 0.03, recall: 0.05, f1: 0.03, mcc: {max_drop: 0.05}, roc_auc: 0.03, log_loss: {max_rise: 10%}",
	}, 0},
	{"a rare class, 5 %", .05, setting{metrics: "recall: 0.05, f1: 0.05", rules: "recall: 0.1, f1: 0.1"}, 0},
	{"errors of a regression", 0, setting{regression: true, metrics: "rmse: {max_rise: 2%}, mae: {max_rise: 2%}", rules: "rmse: {max_rise: 5%}, mae: {max_rise: 5%}"}, 0},
	{"average precision and calibration", .5, setting{
		metrics: "average_precision: 0.01, ece: {max_rise: 0.01}",
		rules:   "average_precision: 0.03, ece: {max_rise: 0.03}",
	}, 3000},
	{"correlations and medians", 0, setting{
		regression: true,
		metrics:    "pearson: 0.01, spearman: 0.01, median_absolute_error: {max_rise: 3%}",
		rules:      "pearson: 0.03, spearman: 0.03, median_absolute_error: {max_rise: 10%}",
	}, 3000},
}

const slicesOfRelease = 20

// sliceSizes are from 60 rows to 3,000, or to the whole set, by equal ratios.
func sliceSizes(rows int) []int {
	sizes := make([]int, slicesOfRelease)
	for i := range sizes {
		sizes[i] = int(math.Round(60 * math.Pow(float64(min(rows, 3000))/60, float64(i)/(slicesOfRelease-1))))
	}
	return sizes
}

// equallyGood are worlds with a discordance of 2 to 10 %.
func equallyGood(positive float64, regression bool) []world {
	var list []world
	for percent := 2; percent <= 10; percent++ {
		list = append(list, world{positive: positive, mu: spread, correlation: correlationFor(float64(percent) / 100), regression: regression})
	}
	return list
}

// releases simulates them for each rule and size of the whole set.
func (s simulation) releases(sizes []int) ([]Releases, error) {
	var list []Releases
	for _, team := range teams {
		if !s.asked(team.name) {
			continue
		}
		var specs []*spec.Spec
		for _, rule := range failRules {
			of := team.setting
			of.slices, of.fail = slicesOfRelease, rule
			sp, err := of.parse()
			if err != nil {
				return nil, err
			}
			specs = append(specs, sp)
		}
		worlds := equallyGood(team.positive, team.regression)
		for _, rows := range sizes {
			if team.most > 0 && rows > team.most {
				continue
			}
			failed, red := make([][]bool, len(specs)), make([][]bool, len(specs))
			for k := range specs {
				failed[k], red[k] = make([]bool, s.runs), make([]bool, s.runs)
			}
			err := s.each(fmt.Sprint("releases ", team.name, rows), func(i int, random *rand.Rand) error {
				rows := worlds[i%len(worlds)].draw(random, rows)
				rows.scatter(random, sliceSizes(len(rows.old)))
				for k, sp := range specs {
					r, err := check(sp, rows)
					if err != nil {
						return err
					}
					failed[k][i], red[k][i] = r.Counts.Fail > 0, r.Exit != 0
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			for k, rule := range failRules {
				list = append(list, Releases{team.name, rows, rule, s.runs, share(failed[k]), share(red[k])})
			}
		}
	}
	return list, nil
}

func share(of []bool) float64 {
	n := 0
	for _, is := range of {
		if is {
			n++
		}
	}
	return float64(n) / float64(len(of))
}

// tooOften says whether a share is above what is allowed by more than the error
// of so many runs explains: three standard errors.
func tooOften(share, allowed float64, runs int) bool {
	return share > allowed+3*math.Sqrt(allowed*(1-allowed)/float64(runs))
}

// find is a check of a result by its id.
func find(r *result.Result, id string) *result.Check {
	for i := range r.Checks {
		if r.Checks[i].ID == id {
			return &r.Checks[i]
		}
	}
	return nil
}
