package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/noworse/noworse/profile"
)

// kindWord is a kind of column in a sentence.
func kindWord(k profile.Kind) string {
	switch k {
	case profile.Number:
		return "numbers"
	case profile.Time:
		return "times"
	case profile.Text:
		return "text"
	case profile.Boolean:
		return "true or false"
	}
	return "nested values"
}

// counted is a count with commas.
func counted(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func plural(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return counted(n) + " " + many
}

func isAre(n uint64) string {
	if n == 1 {
		return "1 is"
	}
	return counted(n) + " are"
}

func hasHave(n uint64) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func percent(x, n uint64) string { return percentOf(float64(x) / float64(n)) }

// percentOf has three digits.
func percentOf(share float64) string {
	return strconv.FormatFloat(100*share, 'g', 3, 64) + " %"
}

// number is a number with as many digits as it has, or six where it has more.
func number(x float64) string {
	short := strconv.FormatFloat(x, 'g', 6, 64)
	if back, _ := strconv.ParseFloat(short, 64); back == x && !strings.Contains(short, "e") {
		return short
	}
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return short
}

// exampleList names values and their rows.
func exampleList(list []Example) string {
	var parts []string
	for _, e := range list {
		text := strconv.Quote(e.Value)
		if e.Was != "" {
			text += " was " + strconv.Quote(e.Was)
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", text, counted(e.Rows)))
	}
	return strings.Join(parts, ", ")
}

// age is a duration in the largest unit that says it well.
func age(d time.Duration) string {
	for _, unit := range []struct {
		length    time.Duration
		one, many string
	}{{24 * time.Hour, "day", "days"}, {time.Hour, "hour", "hours"}, {time.Minute, "minute", "minutes"}} {
		if d >= 2*unit.length || d == unit.length {
			return plural(uint64(d/unit.length), unit.one, unit.many)
		}
	}
	return plural(uint64(max(d, 0)/time.Second), "second", "seconds")
}

// sameName says whether two names differ in case, spaces and signs alone.
func sameName(a, b string) bool {
	plain := func(name string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" _-.", r) {
				return -1
			}
			return r
		}, strings.ToLower(name))
	}
	return plain(a) == plain(b)
}
