package stats

import "math"

// Excess is how much chance alone adds to Calibration.Absolute: about, and at most.
//
// In a bin of n rows and outcome rate y the mean chance less y is about normal, about
// the true error d, with variance y(1-y)/n, y being (outcomes + 1)/(n + 2) here. Its
// absolute value has the mean of a folded normal, which is above |d|, by sqrt(2/pi)
// standard deviations where d is 0 and by next to nothing beyond three (Leone, Nelson and
// Nottingham 1961, Technometrics 3). About what is added follows from the d that has what
// was seen for its mean; at most it is taken from one standard deviation less than was
// seen, since the smaller the true error, the more is added. Brocker (2012), Climate
// Dynamics 39; Roelofs, Cain, Shlens and Mozer (2022), AISTATS 25.
func Excess(bins []CalibrationBin) (about, most float64) {
	total := 0.0
	for _, b := range bins {
		if b.N == 0 {
			continue
		}
		n := float64(b.N)
		y := (float64(b.Outcomes) + 1) / (n + 2)
		sd := math.Sqrt(y * (1 - y) / n)
		seen := math.Abs(b.SumP-float64(b.Outcomes)) / n / sd
		total += n
		about += n * sd * (seen - unfolded(seen))
		most += n * sd * foldedExcess(max(0, seen-1))
	}
	if total == 0 {
		return math.NaN(), math.NaN()
	}
	return about / total, most / total
}

// foldedExcess is E|X| - d for X normal about d >= 0 with variance 1:
// 2 phi(d) - 2 d Phi(-d).
func foldedExcess(d float64) float64 {
	return 2*math.Exp(-d*d/2)/math.Sqrt(2*math.Pi) - 2*d*NormalUpper(d)
}

// unfolded is the d >= 0 for which E|X| is mean; 0 where that is less than any.
func unfolded(mean float64) float64 {
	if mean <= foldedExcess(0) {
		return 0
	}
	low, high := 0.0, mean // E|X| is above d
	for range 60 {
		if middle := (low + high) / 2; middle+foldedExcess(middle) < mean {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// LargestError is the interval of the largest true error of any bin, |mean chance -
// outcome rate|: the rates of all bins lie within their Clopper-Pearson intervals of
// level 1 - (1-level)/bins together with chance level (Dunn 1961, Journal of the American
// Statistical Association 56), and so does the largest of what they leave open. Rows of a
// bin may have different chances: that makes their sum vary less (Hoeffding 1956, Annals
// of Mathematical Statistics 27).
func LargestError(bins []CalibrationBin, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	several := 0.0
	for _, b := range bins {
		if b.N > 0 {
			several++
		}
	}
	if several == 0 {
		return noInterval, undefined("no bin has a row")
	}
	in := Interval{0, 0, level}
	for _, b := range bins {
		if b.N == 0 {
			continue
		}
		rate, err := ClopperPearson(b.Outcomes, b.N, 1-(1-level)/several)
		if err != nil {
			return noInterval, err
		}
		p := b.SumP / float64(b.N)
		in.Low = max(in.Low, rate.Low-p, p-rate.High)
		in.High = max(in.High, rate.High-p, p-rate.Low)
	}
	return in, nil
}
