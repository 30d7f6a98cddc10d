package metric

import (
	"math"
	"math/big"

	"github.com/noworse/noworse/summary"
)

// Metrics of numbers predicted for numbers.
var fromResiduals = []Metric{
	{
		Name: "mae", Doc: "mean absolute error", Formula: "mean of |prediction - y|",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.AbsoluteError),
	},
	{
		Name: "mse", Doc: "mean squared error", Formula: "mean of (prediction - y)^2",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.SquaredError),
	},
	{
		Name: "rmse", Doc: "root of the mean squared error", Formula: "sqrt(mse)",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.SquaredError), root: true,
	},
	{
		Name: "r2", Doc: "share of the variance that is explained; below 0 when the mean would do better",
		Formula: "1 - sum (prediction - y)^2 / sum (y - mean y)^2",
		Tasks:   []string{Regression}, Better: Higher, Signed: true,
		needs:    losses(summary.SquaredError, summary.Target, summary.TargetSquared),
		estimate: explained("r2", squaredError),
	},
	{
		Name: "explained_variance", Doc: "share of the variance that is explained, a constant error forgiven",
		Formula: "1 - variance of (y - prediction) / variance of y",
		Tasks:   []string{Regression}, Better: Higher, Signed: true,
		needs:    losses(summary.Residual, summary.ResidualSquared, summary.Target, summary.TargetSquared),
		estimate: explained("explained_variance", spreadOf(summary.Residual, summary.ResidualSquared)),
	},
	{
		Name: "mean_error", Doc: "mean error with its sign: above 0 the model predicts too much", Formula: "mean of (prediction - y)",
		Tasks: []string{Regression}, Better: Neither, Signed: true,
		loss: each(summary.Residual),
	},
	{
		Name: "mape", Doc: "mean absolute error as a share of the true value", Formula: "mean of |prediction - y| / max(|y|, 2^-52)",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.PercentError),
	},
	{
		Name: "smape", Doc: "mean absolute error as a share of the mean of truth and prediction", Formula: "mean of 2 |prediction - y| / (|prediction| + |y|), 0 where both are 0",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.SymmetricError),
	},
	{
		Name: "rmsle", Doc: "root of the mean squared error of logarithms", Formula: "sqrt of the mean of (ln(1 + prediction) - ln(1 + y))^2",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.SquaredLogError), root: true, domain: "values above -1",
	},
	{
		Name: "mean_poisson_deviance", Doc: "mean deviance of counts", Formula: "mean of 2 (y ln(y / prediction) - y + prediction)",
		Tasks: []string{Regression}, Better: Lower,
		loss: each(summary.PoissonDeviance), domain: "true values of 0 or more and predictions above 0",
	},
	{
		Name: "median_absolute_error", Doc: "median of the absolute error", Formula: "median of |prediction - y|; with weights, where half of the weight is reached",
		Tasks: []string{Regression}, Better: Lower,
		needs: func(Params) summary.Needs { return summary.Needs{Median: true} },
		estimate: func(v summary.View, model int, _ Params) (Estimate, error) {
			return Estimate{Value: v.MedianError(model)}, nil
		},
	},
	{
		Name: "max_error", Doc: "largest absolute error of a row that has weight", Formula: "largest |prediction - y|",
		Tasks: []string{Regression}, Better: Lower,
		needs: func(Params) summary.Needs { return summary.Needs{LargestError: true} },
		estimate: func(v summary.View, model int, _ Params) (Estimate, error) {
			return Estimate{Value: v.LargestError(model)}, nil
		},
	},
	{
		Name: "pinball", Doc: "mean loss of a predicted quantile", Formula: "mean of q (y - prediction) where y is above it, else (1 - q) (prediction - y)",
		Tasks: []string{Regression}, Better: Lower, Takes: []string{Quantile},
		loss: func(p Params) summary.Loss { return summary.Loss{Kind: summary.Pinball, Param: p.Quantile} },
	},
	{
		Name: "pearson", Doc: "linear correlation of prediction and truth", Formula: "covariance of prediction and y / root of the product of their variances",
		Tasks: []string{Regression}, Better: Higher, Signed: true,
		needs:    losses(summary.Target, summary.TargetSquared, summary.Prediction, summary.PredictionSquared, summary.CrossProduct),
		estimate: pearson,
	},
	{
		Name: "spearman", Doc: "correlation of the ranks of prediction and truth: how well the model orders rows", Formula: "pearson of ranks, equal numbers sharing their mean rank",
		Tasks: []string{Regression}, Better: Higher, Signed: true,
		needs:    func(Params) summary.Needs { return summary.Needs{Spearman: true} },
		estimate: spearman,
	},
}

func pearson(v summary.View, model int, _ Params) (Estimate, error) {
	ofTruth := spreadOf(summary.Target, summary.TargetSquared)(v, model)
	ofAnswer := spreadOf(summary.Prediction, summary.PredictionSquared)(v, model)
	if v.Rows() < 2 || ofTruth.Sign() <= 0 || ofAnswer.Sign() <= 0 {
		return undefined("pearson has no value: the true values, or the predictions, do not vary")
	}
	both := commonSpread(v, model, summary.Target, summary.Prediction, summary.CrossProduct)
	squared := new(big.Float).SetPrec(precision).Mul(ofTruth, ofAnswer)
	share, _ := new(big.Float).SetPrec(precision).Quo(both, squared.Sqrt(squared)).Float64()
	return Estimate{Value: min(max(share, -1), 1)}, nil
}

func spearman(v summary.View, model int, _ Params) (Estimate, error) {
	if v.Weighted() {
		return undefined("spearman has no value: ranks have no weights; pearson takes them")
	}
	value := v.Spearman(model)
	if math.IsNaN(value) {
		return undefined("spearman has no value: the true values, or the predictions, do not vary")
	}
	return Estimate{Value: value}, nil
}

// precision, in bits, holds the square of any sum of doubles; quotients become doubles.
const precision, quotient = 4096, 256

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
		share, _ := new(big.Float).SetPrec(quotient).Quo(unexplained(v, model), total).Float64()
		return Estimate{Value: 1 - share}, nil
	}
}

func squaredError(v summary.View, model int) *big.Float {
	return v.Total(summary.Loss{Kind: summary.SquaredError}, model)
}

// spreadOf is the sum of squares about the mean: sum x^2 - (sum x)^2 / n.
func spreadOf(kind, squared summary.LossKind) func(summary.View, int) *big.Float {
	return func(v summary.View, model int) *big.Float {
		squares := v.Total(summary.Loss{Kind: squared}, model)
		spread := commonSpread(v, model, kind, kind, squared)
		// Weighted squares are kept to 106 bits: what is left below that is rounding.
		if noise := new(big.Float).SetMantExp(squares, -100); v.Weighted() && spread.Cmp(noise) < 0 {
			return new(big.Float)
		}
		return spread
	}
}

// TargetVariance is the variance of the target over the rows, which must be some.
func TargetVariance(v summary.View) float64 {
	spread := spreadOf(summary.Target, summary.TargetSquared)(v, 0)
	variance, _ := spread.Quo(spread, v.ExactWeight()).Float64()
	return variance
}

// commonSpread is the sum of products about the means: sum xy - sum x sum y / n.
func commonSpread(v summary.View, model int, x, y, product summary.LossKind) *big.Float {
	common := new(big.Float).SetPrec(precision).Mul(v.Total(summary.Loss{Kind: x}, model), v.Total(summary.Loss{Kind: y}, model))
	common.Quo(common, v.ExactWeight())
	return common.Sub(v.Total(summary.Loss{Kind: product}, model), common)
}
