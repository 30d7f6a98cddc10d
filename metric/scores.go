package metric

import (
	"math"
	"math/big"

	"github.com/noworse/noworse/summary"
)

// Metrics of the predicted probabilities.
var fromScores = []Metric{
	{
		Name: "roc_auc", Doc: "chance that a positive row is scored above a negative one",
		Formula: "U / (positives * negatives), ties count half", Tasks: []string{Binary},
		Better: Higher, Bounded: true, Scores: true, Default: true, area: true,
		estimate: rocAUC,
	},
	{
		Name: "log_loss", Doc: "mean of minus the natural logarithm of the probability given to the true class",
		Formula: "mean of -ln p, p clipped to [2^-52, 1 - 2^-52]", Tasks: []string{Binary, Multiclass},
		Better: Lower, Scores: true,
		losses: loss(summary.LogLoss), estimate: mean(summary.LogLoss),
	},
	{
		Name: "brier", Doc: "mean squared distance of the probabilities from the truth",
		Formula: "binary: mean of (p - y)^2; multiclass: of the sum of it over classes", Tasks: []string{Binary, Multiclass},
		Better: Lower, Scores: true,
		losses: loss(summary.Brier), estimate: mean(summary.Brier),
	},
	{
		Name: "high_confidence_error_rate", Doc: "share of rows that are wrong though the highest probability is above a bound",
		Formula: "rows with highest probability > above and a wrong label / rows", Tasks: []string{Binary, Multiclass},
		Better: Lower, Bounded: true, Scores: true, Above: true, Default: true,
		losses: func(p Params) []summary.Loss { return []summary.Loss{confident(p)} },
		estimate: func(v summary.View, model int, p Params) (Estimate, error) {
			return Estimate{Value: v.Mean(confident(p), model)}, nil
		},
	},
}

func confident(p Params) summary.Loss {
	return summary.Loss{Kind: summary.ConfidentError, Above: p.Above}
}

func rocAUC(v summary.View, model int, _ Params) (Estimate, error) {
	a := v.Area(model)
	switch {
	case a.Positive == 0:
		return undefined("roc_auc has no value: no row is positive, and it compares positive rows with negative ones")
	case a.Negative == 0:
		return undefined("roc_auc has no value: every row is positive, and it compares positive rows with negative ones")
	}
	return Estimate{Value: a.Value, Bound: a.Bound}, nil
}

// Metrics of numbers predicted for numbers.
var fromResiduals = []Metric{
	{
		Name: "mae", Doc: "mean absolute error", Formula: "mean of |prediction - y|",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.AbsoluteError), estimate: mean(summary.AbsoluteError),
	},
	{
		Name: "mse", Doc: "mean squared error", Formula: "mean of (prediction - y)^2",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.SquaredError), estimate: mean(summary.SquaredError),
	},
	{
		Name: "rmse", Doc: "root of the mean squared error", Formula: "sqrt(mse)",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.SquaredError),
		estimate: func(v summary.View, model int, _ Params) (Estimate, error) {
			return Estimate{Value: math.Sqrt(v.Mean(summary.Loss{Kind: summary.SquaredError}, model))}, nil
		},
	},
	{
		Name: "r2", Doc: "share of the variance that is explained; below 0 when the mean would do better",
		Formula: "1 - sum (prediction - y)^2 / sum (y - mean y)^2",
		Tasks:   []string{Regression}, Better: Higher, Signed: true,
		losses: func(Params) []summary.Loss {
			return []summary.Loss{{Kind: summary.SquaredError}, {Kind: summary.Target}, {Kind: summary.TargetSquared}}
		},
		estimate: rSquared,
	},
}

// rSquared takes the total sum of squares as sum y^2 - (sum y)^2 / n. The sums
// are exact, so nothing is lost when the mean is large beside the spread.
func rSquared(v summary.View, model int, _ Params) (Estimate, error) {
	const precision = 4096 // bits: holds the square of any sum of doubles
	exact := func() *big.Float { return new(big.Float).SetPrec(precision) }
	y := v.Total(summary.Loss{Kind: summary.Target}, model)
	squares := v.Total(summary.Loss{Kind: summary.TargetSquared}, model)
	spread := exact().Mul(y, y)
	spread.Quo(spread, v.ExactWeight())
	spread.Sub(squares, spread)
	// Weighted squares are kept to 106 bits: what is left below that is rounding.
	noise := exact().SetMantExp(squares, -100)
	if v.Rows() < 2 || spread.Sign() <= 0 || v.Weighted() && spread.Cmp(noise) < 0 {
		return undefined("r2 has no value: the true values do not vary")
	}
	errors := v.Total(summary.Loss{Kind: summary.SquaredError}, model)
	share, _ := exact().Quo(errors, spread).Float64()
	return Estimate{Value: 1 - share}, nil
}
