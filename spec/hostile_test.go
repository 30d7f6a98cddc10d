package spec

import (
	"strings"
	"testing"
	"time"
)

// TestHostileSizes: a large file is read or refused soon, whatever is in it.
// A stranger's pull request may bring one.
func TestHostileSizes(t *testing.T) {
	const n = maxBytes/8 - 16 // eight bytes each: just under the limit
	many := func(format func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < n*8-16; i++ {
			b.WriteString(format(i))
		}
		return b.String()
	}
	numbered := func(prefix, suffix string) func(int) string {
		return func(i int) string {
			return prefix + strings.Repeat("a", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + suffix
		}
	}
	for name, text := range map[string]string{
		"unknown keys":     many(numbered("k", ": 1\n")),
		"one flow line":    "metrics: {" + many(numbered("k", ": 1, ")) + "z: 1}\n",
		"flow list":        "metrics: [" + many(numbered("", ",")) + "z]\n",
		"block list":       "metrics:\n" + many(numbered("- ", "\n")),
		"slices":           "slices:\n  named:\n" + many(numbered("    k", ": a < 1\n")),
		"same key":         many(func(int) string { return "a: 1\n" }),
		"brackets":         "a: " + strings.Repeat("[", n),
		"dashes":           strings.Repeat("- ", n),
		"question marks":   strings.Repeat("? ", n),
		"aliases":          "a: &a [x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n",
		"long text":        "name: " + strings.Repeat("x", n*8) + "\n",
		"quoted":           "name: \"" + strings.Repeat(`\n`, n*4) + "\"\n",
		"open quote":       "name: '" + strings.Repeat("x\n", n*4),
		"comments":         strings.Repeat("# x\n", n),
		"empty lines":      strings.Repeat("\n", n*8),
		"indentation":      many(func(i int) string { return strings.Repeat(" ", i%2000) + "a:\n" }),
		"more than a spec": strings.Repeat("# x\n", maxBytes/4+1),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse("noworse.yaml", []byte(text), options())
			if err == nil || len(err.Error()) > 100_000 {
				t.Errorf("accepted, or told at too great length")
			}
			took := time.Since(start)
			if took > time.Minute { // minutes would be a way to stop a build; a busy machine takes seconds
				t.Errorf("took %v for %d bytes", took, len(text))
			}
			t.Logf("%v", took.Round(time.Millisecond))
		})
	}
}
