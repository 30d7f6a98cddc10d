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
		estimate: explained("r2", squaredError),
	},
	{
		Name: "explained_variance", Doc: "share of the variance that is explained, a constant error forgiven",
		Formula: "1 - variance of (y - prediction) / variance of y",
		Tasks:   []string{Regression}, Better: Higher, Signed: true,
		losses: func(Params) []summary.Loss {
			return []summary.Loss{{Kind: summary.Residual}, {Kind: summary.ResidualSquared}, {Kind: summary.Target}, {Kind: summary.TargetSquared}}
		},
		estimate: explained("explained_variance", spreadOf(summary.Residual, summary.ResidualSquared)),
	},
	{
		Name: "mean_error", Doc: "mean error with its sign: above 0 the model predicts too much", Formula: "mean of (prediction - y)",
		Tasks: []string{Regression}, Better: Neither, Signed: true,
		losses: loss(summary.Residual), estimate: mean(summary.Residual),
	},
	{
		Name: "mape", Doc: "mean absolute error as a share of the true value", Formula: "mean of |prediction - y| / max(|y|, 2^-52)",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.PercentError), estimate: mean(summary.PercentError),
	},
	{
		Name: "smape", Doc: "mean absolute error as a share of the mean of truth and prediction", Formula: "mean of 2 |prediction - y| / (|prediction| + |y|), 0 where both are 0",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.SymmetricError), estimate: mean(summary.SymmetricError),
	},
	{
		Name: "rmsle", Doc: "root of the mean squared error of logarithms", Formula: "sqrt of the mean of (ln(1 + prediction) - ln(1 + y))^2",
		Tasks: []string{Regression}, Better: Lower,
		losses: loss(summary.SquaredLogError),
		estimate: func(v summary.View, model int, p Params) (Estimate, error) {
			e, err := inDomain("rmsle", "values above -1", summary.SquaredLogError)(v, model, p)
			return Estimate{Value: math.Sqrt(e.Value)}, err
		},
	},
	{
		Name: "mean_poisson_deviance", Doc: "mean deviance of counts", Formula: "mean of 2 (y ln(y / prediction) - y + prediction)",
		Tasks: []string{Regression}, Better: Lower,
		losses:   loss(summary.PoissonDeviance),
		estimate: inDomain("mean_poisson_deviance", "true values of 0 or more and predictions above 0", summary.PoissonDeviance),
	},
}

// inDomain is the mean of a loss that not every number has.
func inDomain(name, wants string, kind summary.LossKind) func(summary.View, int, Params) (Estimate, error) {
	return func(v summary.View, model int, p Params) (Estimate, error) {
		e, err := mean(kind)(v, model, p)
		if err == nil && math.IsNaN(e.Value) {
			return undefined("%s has no value: it wants %s", name, wants)
		}
		return e, err
	}
}

// precision, in bits, holds the square of any sum of doubles.
const precision = 4096

// explained is 1 minus a sum of squares over that of the target about its mean.
// The sums are exact, so nothing is lost when the mean is large beside the
// spread.
func explained(name string, unexplained func(summary.View, int) *big.Float) func(summary.View, int, Params) (Estimate, error) {
	spread := spreadOf(summary.Target, summary.TargetSquared)
	return func(v summary.View, model int, _ Params) (Estimate, error) {
		total := spread(v, model)
		if v.Rows() < 2 || total.Sign() <= 0 {
			return undefined("%s has no value: the true values do not vary", name)
		}
		share, _ := new(big.Float).SetPrec(precision).Quo(unexplained(v, model), total).Float64()
		return Estimate{Value: 1 - share}, nil
	}
}

func squaredError(v summary.View, model int) *big.Float {
	return v.Total(summary.Loss{Kind: summary.SquaredError}, model)
}

// spreadOf is the sum of squares about the mean: sum x^2 - (sum x)^2 / n.
func spreadOf(kind, squared summary.LossKind) func(summary.View, int) *big.Float {
	return func(v summary.View, model int) *big.Float {
		x := v.Total(summary.Loss{Kind: kind}, model)
		squares := v.Total(summary.Loss{Kind: squared}, model)
		spread := new(big.Float).SetPrec(precision).Mul(x, x)
		spread.Quo(spread, v.ExactWeight())
		spread.Sub(squares, spread)
		// Weighted squares are kept to 106 bits: what is left below that is rounding.
		if noise := new(big.Float).SetMantExp(squares, -100); v.Weighted() && spread.Cmp(noise) < 0 {
			return new(big.Float)
		}
		return spread
	}
}
