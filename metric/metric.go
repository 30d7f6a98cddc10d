// Package metric is the table of metrics. A metric is a declared value: its
// name, the tasks it is for, which way is better, the statistics it needs, and
// a pure function from those statistics to an estimate.
//
// To add one, add an entry to a table below; `noworse metrics`, the spec's
// parser and its JSON Schema learn of it from there.
package metric

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/noworse/noworse/summary"
)

// The tasks, as the spec names them.
const (
	Binary     = "binary"
	Multiclass = "multiclass"
	Regression = "regression"
)

// Better says which way a metric is better.
type Better string

// Directions. Some metrics have no better side.
const (
	Higher  Better = "higher"
	Lower   Better = "lower"
	Neither Better = "neither"
)

// Metric is one entry of the table.
type Metric struct {
	Name    string
	Doc     string // what it says, in one line
	Formula string
	Tasks   []string
	Better  Better
	Bounded bool // lies in [0,1]
	Signed  bool // 0 and negative values are ordinary: a share of them means nothing
	Scores  bool // needs probabilities
	Default bool // part of the checks of `metrics: {}`
	// Takes names the parameters that a rule may give it; see Params. With
	// Class it is of one class against the rest: in multiclass a rule says which.
	Takes []string

	needs    func(Params) summary.Needs // nil: counts alone
	estimate func(v summary.View, model int, p Params) (Estimate, error)
	// Of metrics that are the mean of one loss of each row, or the root of that, in
	// place of both: where the loss of a row is NaN, domain says what it wants.
	loss   func(Params) summary.Loss
	root   bool
	domain string
	// Of metrics of the labels, in place of estimate: the value of a table of
	// counts, and its derivatives.
	counts func(t table, p Params) (Estimate, error)
	slope  func(t table, p Params) Slope
}

// Estimate is a metric's value on a set of rows.
type Estimate struct {
	Value float64
	Bound float64 // the exact value is within this of Value; 0 unless it was made from bins
}

// Undefined is the error of a metric that has no value on these rows.
type Undefined struct{ Why string }

func (u *Undefined) Error() string { return u.Why }

func undefined(format string, args ...any) (Estimate, error) {
	return Estimate{}, &Undefined{fmt.Sprintf(format, args...)}
}

// aliases are what other tools and the literature call some of them.
var aliases = map[string][]string{
	"accuracy":                   {"acc", "accuracy_score"},
	"balanced_accuracy":          {"bacc", "balanced_accuracy_score"},
	"precision":                  {"ppv", "precision_score"},
	"recall":                     {"sensitivity", "tpr", "true_positive_rate", "recall_score"},
	"specificity":                {"tnr", "true_negative_rate"},
	"f1":                         {"f1_score", "f_score", "f_measure"},
	"f_beta":                     {"fbeta", "fbeta_score"},
	"false_positive_rate":        {"fpr"},
	"false_negative_rate":        {"fnr"},
	"jaccard":                    {"iou", "jaccard_score"},
	"positive_rate":              {"selection_rate", "predicted_positive_rate"},
	"mcc":                        {"matthews", "matthews_corrcoef", "phi"},
	"cohen_kappa":                {"kappa", "cohen_kappa_score"},
	"roc_auc":                    {"auc", "auc_roc", "auroc", "roc_auc_score"},
	"average_precision":          {"ap", "auprc", "pr_auc", "auc_pr", "average_precision_score"},
	"roc_auc_ovr_macro":          {"roc_auc_ovr", "auc_ovr"},
	"roc_auc_ovo_macro":          {"roc_auc_ovo", "auc_ovo"},
	"median_absolute_error":      {"medae", "median_ae"},
	"log_loss":                   {"logloss", "cross_entropy", "neg_log_loss", "nll"},
	"brier":                      {"brier_score", "brier_score_loss"},
	"high_confidence_error_rate": {"confident_errors", "high_confidence_errors"},
	"top_k_accuracy":             {"top_k", "topk", "topk_accuracy", "top_k_accuracy_score"},
	"ece":                        {"expected_calibration_error", "calibration_error"},
	"max_calibration_error":      {"mce", "maximum_calibration_error"},
	"mae":                        {"mean_absolute_error"},
	"mse":                        {"mean_squared_error"},
	"rmse":                       {"root_mean_squared_error"},
	"r2":                         {"r2_score", "r_squared", "rsquared"},
	"mape":                       {"mean_absolute_percentage_error"},
	"rmsle":                      {"root_mean_squared_log_error"},
	"mean_error":                 {"bias", "mean_bias"},
	"max_error":                  {"maximum_error", "worst_error"},
	"pinball":                    {"pinball_loss", "mean_pinball_loss", "quantile_loss"},
	"pearson":                    {"pearsonr", "correlation", "corr"},
	"spearman":                   {"spearmanr", "rank_correlation"},
}

// Aliases are other names of the metric, by which it is not known here.
func (m Metric) Aliases() []string { return aliases[m.Name] }

// All is every metric, in the order of the documentation.
func All() []Metric { return slices.Concat(fromCounts, fromScores, fromResiduals) }

// Lookup finds a metric by name: one of All, or cost.
func Lookup(name string) (Metric, bool) {
	m, ok := byName()[name]
	return m, ok
}

// byName is made once: every check looks its metric up.
var byName = sync.OnceValue(func() map[string]Metric {
	all := map[string]Metric{worth.Name: worth}
	for _, m := range All() {
		all[m.Name] = m
	}
	return all
})

// Needs is what a summary must hold for the metric.
func (m Metric) Needs(p Params) summary.Needs {
	switch {
	case m.loss != nil:
		return summary.Needs{Losses: []summary.Loss{m.loss(p)}}
	case m.needs == nil:
		return summary.Needs{}
	}
	return m.needs(p)
}

// Estimate is the metric's value for one model (0 the candidate, 1 the
// baseline). Where it has none, the error is *Undefined and says why.
func (m Metric) Estimate(v summary.View, model int, p Params) (Estimate, error) {
	if v.Rows() == 0 {
		return undefined("%s has no value: there are no rows", m.Name)
	}
	if v.Weight() == 0 {
		return undefined("%s has no value: the weights of these rows add up to 0", m.Name)
	}
	switch {
	case m.counts != nil:
		return m.counts(tableOf(v, model), p)
	case m.loss != nil:
		return m.mean(v, model, p)
	}
	return m.estimate(v, model, p)
}

// Mean says of what loss the metric is the mean, or the root of the mean; false
// where it is of none.
func (m Metric) Mean(p Params) (of summary.Loss, root, ok bool) {
	if m.loss == nil {
		return summary.Loss{}, false, false
	}
	return m.loss(p), m.root, true
}

func (m Metric) mean(v summary.View, model int, p Params) (Estimate, error) {
	value := v.Mean(m.loss(p), model)
	switch {
	case math.IsNaN(value) && m.domain != "":
		return undefined("%s has no value: it wants %s", m.Name, m.domain)
	case m.root:
		value = math.Sqrt(value)
	}
	return Estimate{Value: value}, nil
}

// each is a loss without parameters.
func each(kind summary.LossKind) func(Params) summary.Loss {
	return func(Params) summary.Loss { return summary.Loss{Kind: kind} }
}

// losses is the needs of a metric that is made of losses without parameters.
func losses(kinds ...summary.LossKind) func(Params) summary.Needs {
	var list []summary.Loss
	for _, kind := range kinds {
		list = append(list, summary.Loss{Kind: kind})
	}
	return func(Params) summary.Needs { return summary.Needs{Losses: list} }
}
