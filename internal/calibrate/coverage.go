package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// Coverage says how often an interval held the true value.
type Coverage struct {
	Metric      string  `json:"metric"`
	Of          string  `json:"of"` // change or value
	Method      string  `json:"method"`
	Rows        int     `json:"rows"`
	Positive    float64 `json:"positive,omitempty"` // share of the positive class
	Discordance float64 `json:"discordance"`
	Drop        bool    `json:"drop"` // the candidate is worse
	Sets        int     `json:"sets"` // that had an interval
	Covered     float64 `json:"covered"`
}

// nominal is what intervals promise; least and most are where that is called
// short and wide.
const (
	nominal = .95
	least   = .93
	most    = .97
)

// covering is a case of coverage: a world, and what is asked of it.
type covering struct {
	world
	rows        int
	discordance float64
}

// limits of each metric: that of a change gives its interval, and that of a value
// the candidate's own.
var (
	binaryLimits = []string{
		"accuracy: {max_drop: 0.02, min: 0.5}", "recall: {max_drop: 0.02, min: 0.5}", "precision: {max_drop: 0.02, min: 0.1}", "f1: {max_drop: 0.02, min: 0.1}",
		"mcc: {max_drop: 0.02, min: 0.1}", "roc_auc: {max_drop: 0.02, min: 0.5}", "average_precision: {max_drop: 0.02, min: 0.1}",
		"log_loss: {max_rise: 0.02, max: 1}", "brier: {max_rise: 0.02, max: 1}", "ece: {max_rise: 0.02, max: 0.9}", "max_calibration_error: {max_rise: 0.02, max: 0.9}",
	}
	regressionLimits = []string{
		"rmse: {max_rise: 0.02, max: 3}", "mse: {max_rise: 0.02, max: 9}", "mae: {max_rise: 0.02, max: 3}", "median_absolute_error: {max_rise: 0.02, max: 3}",
		"pearson: {max_drop: 0.02, min: 0.1}", "spearman: {max_drop: 0.02, min: 0.1}",
	}
)

// wanted are the limits of the metrics that are asked for.
func (s simulation) wanted(limits []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(limits), func(limit string) bool {
		metric, _, _ := strings.Cut(limit, ":")
		return !s.asked(metric)
	}), ", ")
}

// coverings are the cases, up to so many rows.
func coverings(most int) []covering {
	var list []covering
	for _, kind := range []struct {
		positive   float64
		regression bool
	}{{.5, false}, {.05, false}, {0, true}} {
		for _, rows := range []int{100, 300, 1000, 3000} {
			for _, d := range []float64{.02, .10} {
				for _, worse := range []float64{0, .1} {
					if rows <= most {
						w := world{positive: kind.positive, mu: spread, correlation: correlationFor(d), regression: kind.regression, worse: worse}
						list = append(list, covering{w, rows, d})
					}
				}
			}
		}
	}
	return list
}

func (s simulation) coverage(most int) ([]Coverage, error) {
	var list []Coverage
	for _, c := range coverings(most) {
		found, err := s.cover(c)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Metric < list[j].Metric })
	return list, nil
}

// cover simulates one case.
func (s simulation) cover(c covering) ([]Coverage, error) {
	of := setting{regression: c.regression, metrics: s.wanted(binaryLimits), fail: "evidence"}
	if c.regression {
		of.metrics = s.wanted(regressionLimits)
	}
	if of.metrics == "" {
		return nil, nil
	}
	sp, err := of.parse()
	if err != nil {
		return nil, err
	}
	type seen struct {
		there, covered bool
		method         string
	}
	baseline, candidate := c.truth(0), c.truth(c.worse)
	all := make([]map[string]seen, s.runs)
	err = s.each(fmt.Sprint("coverage ", c.rows, c.positive, c.discordance, c.worse, c.regression), func(i int, random *rand.Rand) error {
		rows := c.draw(random, c.rows)
		for rows.oneClass() { // nobody judges by such rows
			rows = c.draw(random, c.rows)
		}
		r, err := check(sp, rows)
		if err != nil {
			return err
		}
		all[i] = map[string]seen{}
		for _, check := range r.Checks {
			of, truth := "value", candidate[check.Metric]
			if check.Rule.Min == nil && check.Rule.Max == nil {
				of, truth = "change", truth-baseline[check.Metric]
			}
			if in := check.Interval; in != nil {
				all[i][check.Metric+" "+of] = seen{true, in[0] <= truth && truth <= in[1], check.Evidence.Method}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []Coverage
	for metric := range candidate {
		if !s.asked(metric) {
			continue
		}
		for _, of := range []string{"change", "value"} {
			one := Coverage{Metric: metric, Of: of, Rows: c.rows, Positive: c.positive, Discordance: c.discordance, Drop: c.worse > 0}
			for _, sets := range all {
				if got := sets[metric+" "+of]; got.there {
					one.Sets++
					one.Method = got.method
					if got.covered {
						one.Covered++
					}
				}
			}
			if one.Sets > 0 {
				one.Covered /= float64(one.Sets)
			}
			list = append(list, one)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].Metric < list[j].Metric || list[i].Metric == list[j].Metric && list[i].Of < list[j].Of
	})
	return list, nil
}
