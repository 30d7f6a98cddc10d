package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// rowsOfEvidence are those of the set on which evidence is measured by itself.
const rowsOfEvidence = 1_000_000

// tasks are ten metrics each, judged in every slice.
var tasks = []struct{ name, model, metrics string }{
	{"binary", "task: binary\ndata: {eval: {path: %s, id: id, label: label}}\ncandidate: {predictions: {score: score_b}}\nbaseline: {predictions: {score: score_a}}\n",
		"accuracy: 0.9, balanced_accuracy: 0.9, precision: 0.9, recall: 0.9, specificity: 0.9, f1: 0.9, mcc: {max_drop: 0.9}, roc_auc: 0.9, log_loss: {max_rise: 9}, brier: {max_rise: 0.9}"},
	{"regression", "task: regression\ndata: {eval: {path: %s, id: id, label: f00}}\ncandidate: {predictions: {label: f01}}\nbaseline: {predictions: {label: f02}}\n",
		"mae: {max_rise: 99}, mse: {max_rise: 9999}, rmse: {max_rise: 99}, mape: {max_rise: 1e9}, smape: {max_rise: 9}, rmsle: {max_rise: 9}, pinball: {quantile: 0.3, max_rise: 99}, mean_error: {max_change: 99}, r2: {max_drop: 9}, explained_variance: {max_drop: 9}"},
}

// manySlices measures what evidence adds to a check of ten metrics in 1,000
// slices: by the point rule and by evidence, taking turns.
func manySlices(dir string, rounds int) error {
	data, err := generate(dir, rowsOfEvidence)
	if err != nil {
		return err
	}
	binary, err := build(dir)
	if err != nil {
		return err
	}
	fmt.Printf("\nevidence for ten metrics in 1,000 slices of %d rows, as a multiple of the same check by the point rule\n\n", rowsOfEvidence)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmedian\tleast\tmost\tprocessor time\tpeak memory\t")
	for _, task := range tasks {
		var by [2]*contender
		for i, fail := range []string{"point", "evidence"} {
			path := filepath.Join(dir, "slices-"+task.name+"-"+fail+".yaml")
			text := "version: 1\ndecision: {fail: " + fail + "}\n" + fmt.Sprintf(task.model, filepath.Base(data)) + "metrics: {" + task.metrics + "}\n" +
				"slices:\n  rules: {" + task.metrics + "}\n  by: [[region, device], [region, tier], [segment, tier], region]\n" // 640 + 160 + 160 + 40
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return err
			}
			by[i] = &contender{name: task.name + ", by " + fail, args: []string{binary, "check", "--quiet", path}}
		}
		for round := range rounds + 1 {
			for _, c := range by {
				fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round, rounds, strings.ReplaceAll(c.name, ",", " in slices,"))
				if err := c.time(round > 0); err != nil {
					return err
				}
			}
		}
		wall, cpu := ratios(by[1].wall, by[0].wall), ratios(by[1].cpu, by[0].cpu)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%d MB\t\n", by[1].name, wall[len(wall)/2], wall[0], wall[len(wall)-1], cpu[len(cpu)/2], by[1].peak>>20)
	}
	return t.Flush()
}
