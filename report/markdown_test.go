package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/result"
)

func markdown(t interface{ Fatal(...any) }, r *result.Result) string {
	var b bytes.Buffer
	if err := Markdown(&b, r, rates); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// markup is names that would act in Markdown, on GitHub or on GitLab.
func markup() *result.Result {
	const evil = "`x` | @everyone #12 ~label <img src=x onerror=y> [a](http://b) **c** _d_ $e$ www.f.g h@i.j GH-7 :tada: &lt; \\"
	b := &builder{base(evil)}
	b.r.Data.Eval.Version, b.r.Spec.Path, b.r.Baseline.Path = evil, evil, evil
	c := withExamples(because(check("accuracy", evil, 994, 0.762, 0.723, -0.03), evil), example(evil, evil, 0.9, "", 0.1))
	c.Name = "| name |"
	return b.add(c, skipped(check("recall", evil, 3, 0, 0, -0.1), evil)).done()
}

func TestMarkdown(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) { goldenFile(t, f.name+".md", markdown(t, dated(f.make()))) })
	}
	t.Run("markup", func(t *testing.T) { goldenFile(t, "markup.md", markdown(t, dated(markup()))) })
}

// rows of a table have as many cells as its head, whatever the names.
func tablesHold(text string) error {
	cells := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells != 0 && n != cells {
			return fmt.Errorf("%d cells, not %d: %s", n-1, cells-1, line)
		}
		cells = n
	}
	return nil
}

func TestAnyMarkdownIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := markdown(t, drawResult(t))
		if len(got) > mostMarkdown {
			t.Fatalf("%d bytes", len(got))
		}
		if err := tablesHold(got); err != nil {
			t.Fatal(err)
		}
		if a, b := strings.Count(got, "<details>"), strings.Count(got, "</details>"); a != b {
			t.Fatalf("%d parts begin and %d end", a, b)
		}
		if err := wellFormed(got, Options{Width: 1 << 20}); err != nil {
			t.Fatal(err)
		}
	})
}

// However much there is to say, a comment takes it.
func TestMarkdownStaysSmall(t *testing.T) {
	for _, evil := range []string{"é", "|", "&", "\U000e0041", "e" + strings.Repeat("\u0301", 50), "\n"} {
		long := strings.Repeat(evil, 2000)
		b := &builder{base(long)}
		b.r.Spec.Path, b.r.Candidate.Path, b.r.Baseline.Path, b.r.Tool.Version = long, "a/"+long, "b/"+long, long
		b.r.Data.Eval.Version, b.r.Data.Eval.Fingerprint, b.r.Candidate.Form = long, long, long
		for i := range 1000 {
			c := withExamples(because(check("accuracy", fmt.Sprint(i, long), 9, 0.8, 0.7+float64(i%3)*0.1, -0.03), long))
			for range 20 {
				c.Details.Flips.Examples = append(c.Details.Flips.Examples, example(long, long, 0.1, long, 0.9))
			}
			b.add(c, skipped(c, fmt.Sprint(long, i)))
		}
		got := markdown(t, b.done())
		if len(got) > mostMarkdown {
			t.Errorf("%d bytes of %.10q", len(got), evil)
		}
		if !strings.Contains(got, "left out here") || !strings.Contains(got, "What was compared") {
			t.Errorf("what is left out of %.10q is not said", evil)
		}
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"worse for tier (−3.9 points, limit −3.0).": "worse for tier (−3.9 points, limit −3.0).",
		"(74.99%, at least 75%)":                    "(74.99%, at least 75%)",
		"@a #1":                                     "@&#8203;a #&#8203;1",
		"http://x www.y GH-7 gh-8 a@b.c":            "http:&#8203;//x www&#8203;.y GH-&#8203;7 gh-&#8203;8 a@&#8203;b.c",
		"<b>&amp; a_b":                              `&lt;b&gt;&amp;&#8203;amp; a\_b`,
		"$x$":                                       "<span>$</span>&#8203;x<span>$</span>",
		"a\nb":                                      `a\\nb`,
	} {
		if got := prose(in); got != want {
			t.Errorf("prose(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"tier=a,b=c": "`tier=a,b=c`", "@all #1 <b>": "`@all #1 <b>`", "a|b": "<code>a&#124;b</code>", "`": "<code>&#96;</code>",
		" a": "<code>&#32;a</code>", "": "`\"\"`", "a\nb": "`a\\nb`",
	} {
		if got := code(in); got != want {
			t.Errorf("code(%q) = %q, want %q", in, got, want)
		}
	}
}
