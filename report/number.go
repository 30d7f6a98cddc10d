package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/noworse/noworse/result"
)

const (
	minus = "−" // U+2212, as wide as the plus
	// mostDecimals bounds the digits that are added to tell two numbers apart.
	mostDecimals = 18
	// noise is the share of a value below which two of them are taken as equal:
	// it is the rounding of floating point and not a change.
	noise = 1e-12
)

// format is how one kind of number of a check is written.
type format struct {
	rate     bool // times 100
	science  bool // 1.234e+20
	decimals int
}

// figures is how the numbers of one check are written. Its rule: numbers that
// differ look different, and with no more digits than that takes.
type figures struct {
	value  format // baseline, candidate and a limit that they are held to
	change format // the change and the margin that it is held to
}

func figuresOf(c *result.Check, rate func(string) bool) figures {
	var values []float64
	for _, v := range []*float64{c.Baseline, c.Candidate, lower(c), upper(c)} {
		if v, ok := finite(v); ok {
			values = append(values, v)
		}
	}
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	start := startFormat(largest, rate(c.Metric) || c.Kind == "flips" || c.Kind == "behavior")
	f := figures{start, start}
	f.value.decimals = start.apart(values, largest*noise)
	changes := []float64{0}
	if v, ok := finite(c.Change); ok {
		changes = append(changes, v)
		// as many digits as the change needs, lest 48,211.3 → 48,211.4 be +0.04
		f.value.decimals = max(f.value.decimals, start.apart(changes, largest*noise))
		if m, ok := margin(c); ok {
			changes = append(changes, m)
			if limited(c).change != nil {
				changes = append(changes, -m)
			}
		}
	}
	f.change.decimals = start.apart(changes, largest*noise)
	if c.Interval != nil && !bounded(c) {
		f.change.decimals = max(f.change.decimals, start.deserved((c.Interval[1]-c.Interval[0])/2))
	}
	return f
}

// startFormat is the format before digits are added: a tenth of a percent, or
// four significant digits.
func startFormat(largest float64, rate bool) format {
	switch {
	case rate:
		return format{rate: true, decimals: 1}
	case largest == 0:
		return format{decimals: 2}
	case largest >= 1e9 || largest < 1e-4:
		return format{science: true, decimals: 3}
	}
	return format{decimals: min(6, max(0, 3-int(math.Floor(math.Log10(largest)))))}
}

// apart is the fewest decimals with which no two numbers look equal that
// differ by more than a tolerance.
func (f format) apart(values []float64, tolerance float64) int {
	for d := f.decimals; d <= mostDecimals; d++ {
		try := format{f.rate, f.science, d}
		if try.separates(values, tolerance) {
			return d
		}
	}
	return f.decimals
}

// deserved is the decimals that show the first digit of a half-width.
func (f format) deserved(half float64) int {
	if f.rate {
		half *= 100
	}
	if f.science || !(half > 0) {
		return 0
	}
	return min(mostDecimals/3, max(0, -int(math.Floor(math.Log10(half)))))
}

func (f format) separates(values []float64, tolerance float64) bool {
	for i, a := range values {
		for _, b := range values[:i] {
			if math.Abs(a-b) > tolerance && f.number(a) == f.number(b) {
				return false
			}
		}
	}
	return true
}

// number writes a value without its unit.
func (f format) number(v float64) string {
	s := f.magnitude(v)
	if v < 0 && !zero(s) {
		return minus + s
	}
	return s
}

// signed writes a change without its unit; what rounds to nothing has no sign.
func (f format) signed(v float64) string {
	if s := f.number(v); v < 0 || zero(s) {
		return s
	}
	return "+" + f.magnitude(v)
}

// withUnit writes a value with the unit of values.
func (f format) withUnit(v float64) string {
	if f.rate {
		return f.number(v) + "%"
	}
	return f.number(v)
}

// unit is the unit of changes, after a space: a change of a percentage is in points.
func (f format) unit() string {
	if f.rate {
		return " points"
	}
	return ""
}

func (f format) magnitude(v float64) string {
	v = math.Abs(v)
	if f.rate {
		v *= 100
	}
	if f.science || v >= 1e15 {
		return strconv.FormatFloat(v, 'e', f.decimals, 64)
	}
	return thousands(strconv.FormatFloat(v, 'f', f.decimals, 64))
}

// zero reports whether a written magnitude shows nothing but zeros.
func zero(s string) bool {
	mantissa, _, _ := strings.Cut(s, "e")
	return strings.Trim(mantissa, "0.") == ""
}

// thousands puts separators into the whole part of a number.
func thousands(s string) string {
	whole, rest, found := strings.Cut(s, ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if found {
		b.WriteString("." + rest)
	}
	return b.String()
}

func count(n uint64) string { return thousands(strconv.FormatUint(n, 10)) }

// counted writes a number of things: 1 row, 48,842 rows.
func counted(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return count(n) + " " + thing + "s"
}

func many(n int, thing string) string { return counted(uint64(n), thing) }

// duration writes a time as exactly as a reader cares.
func duration(seconds float64) string {
	switch {
	case !(seconds >= 0.05):
		return "under 0.1 s"
	case seconds < 9.95:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + " s"
	case seconds < 119.5:
		return strconv.FormatFloat(seconds, 'f', 0, 64) + " s"
	}
	whole := uint64(min(seconds+0.5, 1e15))
	return count(whole/60) + " min " + count(whole%60) + " s"
}

// finite is the number behind a pointer, if there is one to show. Beyond 1e300
// it could not be made a percentage, and means nothing.
func finite(v *float64) (float64, bool) {
	if v == nil || !(math.Abs(*v) < 1e300) {
		return 0, false
	}
	return *v, true
}
